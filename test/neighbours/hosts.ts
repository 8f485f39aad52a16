/** Every neighbour, in the order of the table. */
import { expressAnswers } from "./express/answers.ts";
import { expressHeaders } from "./express/headers.ts";
import { expressMiddleware } from "./express/middleware.ts";
import { expressProxies } from "./express/proxies.ts";
import { expressRequests } from "./express/requests.ts";
import { onFastify } from "./fastify/fastify.ts";
import { koa } from "./node/koa.ts";
import type { Neighbour } from "./neighbour.ts";
import { h31OnNode, h31WithoutSocket } from "./web/h3-1.ts";
import { h32OnNode, h32WithoutServer } from "./web/h3-2.ts";
import { honoOnNode, honoWithoutServer } from "./web/hono.ts";
import { nest } from "./node/nest.ts";
import { node } from "./node/node.ts";
import { serverless } from "./node/serverless.ts";

export const neighbours: readonly Neighbour[] = [
  ...expressMiddleware,
  ...expressHeaders,
  ...expressRequests,
  ...expressProxies,
  ...expressAnswers,
  ...onFastify,
  ...koa,
  ...nest,
  ...honoOnNode,
  ...honoWithoutServer,
  ...h32OnNode,
  ...h32WithoutServer,
  ...h31OnNode,
  ...h31WithoutSocket,
  ...node,
  ...serverless,
];
