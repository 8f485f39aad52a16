import { expressProxies } from "./express-proxies.ts";
import { testNeighbours } from "./support/test-neighbours.ts";

testNeighbours(expressProxies);
