import { nest } from "./nest.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(nest);
