import { expressMiddleware } from "./express-middleware.ts";
import { testNeighbours } from "./support/test-neighbours.ts";

testNeighbours(expressMiddleware);
