import { testNeighbours } from "../support/test-neighbours.ts";
import { h32WithoutServer } from "./h3-2.ts";

testNeighbours(h32WithoutServer);
