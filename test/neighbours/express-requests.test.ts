import { expressRequests } from "./express-requests.ts";
import { testNeighbours } from "./support/test-neighbours.ts";

testNeighbours(expressRequests);
