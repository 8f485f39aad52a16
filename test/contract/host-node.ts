import * as fs from "node:fs";
import * as http from "node:http";
import * as http2 from "node:http2";
import { Readable, pipeline } from "node:stream";
import { session } from "../../src/adapters/node.ts";
import { chain, rescue } from "../../src/core/awaitable.ts";
import { target, untilClosed } from "./host-app.ts";
import type { App, Below, HostDriver, Incoming, Reply } from "./host-app.ts";

type Listener = (req: http.IncomingMessage, res: http.ServerResponse) => unknown;

export const nodeHost: HostDriver = {
  name: "node:http",
  protocol: "http/1.1",
  exposes: false,
  serve: (app) => http.createServer(listenerOf(app, app.onError)),
};

export const http2Host: HostDriver = {
  name: "node:http2",
  protocol: "h2c",
  exposes: false,
  // The compatibility layer promises to be used like node:http; its types say only half of it.
  serve: (app) =>
    http2.createServer(
      listenerOf(app, app.onError) as unknown as (
        req: http2.Http2ServerRequest,
        res: http2.Http2ServerResponse,
      ) => void,
    ),
};

function listenerOf(app: Below, onError: App["onError"]): Listener {
  const failed = (error: unknown, req: http.IncomingMessage, res: http.ServerResponse): void =>
    send(res, onError(error, incoming(req, res)));
  const below = Object.entries(app.below ?? {}).map(
    ([prefix, inner]) => [prefix, listenerOf(inner, onError)] as const,
  );
  const handler: Listener = (req, res) => {
    const inner = below.find(([prefix]) => req.url?.startsWith(prefix));
    if (inner) return inner[1](req, res);
    return chain(app.handle(incoming(req, res)), (reply) => send(res, reply ?? { status: 404 }));
  };
  const outermost = app.filters.reduceRight<Listener>((next, { sessions, options = {} }) => {
    const { as: _, ...others } = options;
    return session(sessions, next, { ...others, onError: failed });
  }, handler);
  return (req, res) =>
    rescue(
      () => outermost(req, res),
      (error) => failed(error, req, res),
    );
}

function incoming(req: http.IncomingMessage, res: http.ServerResponse): Incoming {
  return {
    conn: req,
    ...target(req.url),
    exposed: () => undefined,
    untilGone: untilClosed(res),
  };
}

function send(res: http.ServerResponse, reply: Reply): void {
  const { status = 200, headers = {}, body, file, redirect } = reply;
  if (redirect !== undefined) {
    res.writeHead(302, { ...headers, Location: redirect }).end();
    return;
  }
  res.writeHead(status, headers);
  if (file !== undefined) pipeline(fs.createReadStream(file), res, () => {});
  else if (typeof body === "object") pipeline(Readable.from(body), res, () => {});
  else res.end(body);
}
