import { expressHeaders } from "./headers.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(expressHeaders);
