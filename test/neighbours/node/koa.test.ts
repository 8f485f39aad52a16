import { koa } from "./koa.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(koa);
