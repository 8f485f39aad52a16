import { testNeighbours } from "../support/test-neighbours.ts";
import { honoOnNode } from "./hono.ts";

testNeighbours(honoOnNode);
