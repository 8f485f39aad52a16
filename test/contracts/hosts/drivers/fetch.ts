import type { ServerResponse } from "node:http";
import type { ServerRequest } from "srvx";
import { toNodeHandler } from "srvx/node";
import { session } from "../../../../src/adapters/fetch.ts";
import { target } from "../app.ts";
import type { App, Below, HostDriver, Incoming } from "../app.ts";
import { responseOf } from "../reply.ts";
import { createServer } from "../server.ts";
import type { Listener } from "../server.ts";

type Handler = (request: Request) => Promise<Response>;

export const fetchHost: HostDriver = driver("Fetch, on srvx", "http/1.1");
export const fetchHttp2Host: HostDriver = driver("Fetch, on srvx, HTTP/2", "http/2");

function driver(name: string, protocol: HostDriver["protocol"]): HostDriver {
  return {
    name,
    protocol,
    exposes: false,
    serve(app, options) {
      const handler = build(app, app.onError);
      const answer = (request: Request): Promise<Response> =>
        handler(request).catch((error: unknown) =>
          responseOf(app.onError(error, incoming(request))),
        );
      const listener = toNodeHandler(answer, { trustProxy: options.trustProxy ?? false });
      return createServer(listener as Listener, protocol, options); // typed for both protocols
    },
  };
}

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
  return app.middleware.reduceRight<Handler>((next, { sessions, options = {} }) => {
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
    response: () => (request as ServerRequest).runtime?.node?.res as ServerResponse,
  };
}
