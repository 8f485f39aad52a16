import { serverless } from "./serverless.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(serverless);
