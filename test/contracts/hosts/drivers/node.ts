import * as fs from "node:fs";
import type * as http from "node:http";
import { Readable, pipeline } from "node:stream";
import { session } from "../../../../src/adapters/node.ts";
import { andThen, recover } from "../../../../src/core/awaitable.ts";
import { target, trustsNoProxy, untilClosed } from "../app.ts";
import type { App, Below, HostDriver, Incoming, Reply } from "../app.ts";
import { createServer } from "../server.ts";
import type { Listener } from "../server.ts";

export const nodeHost: HostDriver = {
  name: "node:http",
  protocol: "http/1.1",
  exposes: false,
  except: trustsNoProxy,
  serve: (app, options) => createServer(listenerOf(app, app.onError), "http/1.1", options),
};

export const http2Host: HostDriver = {
  name: "node:http2",
  protocol: "http/2",
  exposes: false,
  except: trustsNoProxy,
  serve: (app, options) => createServer(listenerOf(app, app.onError), "http/2", options),
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
    return andThen(app.handle(incoming(req, res)), (reply) => send(res, reply ?? { status: 404 }));
  };
  const outermost = app.middleware.reduceRight<Listener>((next, { sessions, options = {} }) => {
    const { as: _, ...others } = options;
    return session(sessions, next, { ...others, onError: failed });
  }, handler);
  return (req, res) =>
    recover(
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
    response: () => res,
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
