import { expressProxies } from "./proxies.ts";
import { testNeighbours } from "../support/test-neighbours.ts";

testNeighbours(expressProxies);
