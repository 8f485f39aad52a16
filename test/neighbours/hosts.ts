/** Every neighbour, in the order of the table. */
import { expressAnswers } from "./express-answers.ts";
import { expressHeaders } from "./express-headers.ts";
import { expressMiddleware } from "./express-middleware.ts";
import { expressProxies } from "./express-proxies.ts";
import { expressRequests } from "./express-requests.ts";
import type { Neighbour } from "./neighbour.ts";

export const neighbours: readonly Neighbour[] = [
  ...expressMiddleware,
  ...expressHeaders,
  ...expressRequests,
  ...expressProxies,
  ...expressAnswers,
];
