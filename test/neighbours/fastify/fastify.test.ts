import { testNeighbours } from "../support/test-neighbours.ts";
import { onFastify } from "./fastify.ts";

testNeighbours(onFastify);
