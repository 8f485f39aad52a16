import * as http from "node:http";
import { toNodeHandler } from "srvx/node";
import { session } from "../../src/adapters/fetch.ts";
import { target } from "./host-app.ts";
import type { App, Below, HostDriver, Incoming } from "./host-app.ts";
import { responseOf } from "./host-reply.ts";

type Handler = (request: Request) => Promise<Response>;

export const fetchHost: HostDriver = {
  name: "Fetch, on srvx",
  protocol: "http/1.1",
  exposes: false,
  serve(app) {
    const handler = build(app, app.onError);
    const listener = toNodeHandler((request) =>
      handler(request).catch((error: unknown) => responseOf(app.onError(error, incoming(request)))),
    );
    return http.createServer(listener as http.RequestListener); // typed for HTTP/2 as well
  },
};

function build(app: Below, onError: App["onError"]): Handler {
  const below = Object.entries(app.below ?? {}).map(
    ([prefix, inner]) => [prefix, build(inner, onError)] as const,
  );
  const handler: Handler = async (request) => {
    const { path } = target(request.url);
    const inner = below.find(([prefix]) => path.startsWith(prefix));
    if (inner) return inner[1](request);
    const reply = await app.handle(incoming(request));
    return reply ? responseOf(reply) : new Response("Not Found", { status: 404 });
  };
  return app.filters.reduceRight<Handler>((next, { sessions, options = {} }) => {
    const { as: _, ...others } = options;
    return session(sessions, next, {
      ...others,
      onError: (error, request) => responseOf(onError(error, incoming(request))),
    });
  }, handler);
}

function incoming(request: Request): Incoming {
  return {
    conn: request,
    ...target(request.url),
    exposed: () => undefined,
    untilGone: () =>
      new Promise((done) => request.signal.addEventListener("abort", () => done(), { once: true })),
  };
}
