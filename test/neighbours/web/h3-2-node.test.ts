import { testNeighbours } from "../support/test-neighbours.ts";
import { h32OnNode } from "./h3-2.ts";

testNeighbours(h32OnNode);
