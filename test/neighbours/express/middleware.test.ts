import { expressMiddleware } from "./middleware.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(expressMiddleware);
