import { testNeighbours } from "../support/test-neighbours.ts";
import { h31WithoutSocket } from "./h3-1.ts";

testNeighbours(h31WithoutSocket);
