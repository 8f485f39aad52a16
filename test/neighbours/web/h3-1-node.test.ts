import { testNeighbours } from "../support/test-neighbours.ts";
import { h31OnNode } from "./h3-1.ts";

testNeighbours(h31OnNode);
