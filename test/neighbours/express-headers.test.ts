import { expressHeaders } from "./express-headers.ts";
import { testNeighbours } from "./support/test-neighbours.ts";

testNeighbours(expressHeaders);
