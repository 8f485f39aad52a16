import { node } from "./node.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(node);
