import { expressRequests } from "./requests.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(expressRequests);
