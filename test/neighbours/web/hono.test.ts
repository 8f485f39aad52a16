import { testNeighbours } from "../support/test-neighbours.ts";
import { honoWithoutServer } from "./hono.ts";

testNeighbours(honoWithoutServer);
