import * as fs from "node:fs";
import { Readable } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Context } from "hono";
import type { StatusCode } from "hono/utils/http-status";
import { session } from "../../../../src/adapters/hono.ts";
import { andThen } from "../../../../src/core/awaitable.ts";
import type { Awaitable } from "../../../../src/core/awaitable.ts";
import { target, trustsNoProxy, untilClosed } from "../app.ts";
import type { Below, HostDriver, Incoming, Reply } from "../app.ts";
import { createServer } from "../server.ts";

type Env = { Bindings: HttpBindings };

export const honoHost: HostDriver = driver("Hono", "http/1.1");
export const honoHttp2Host: HostDriver = driver("Hono, HTTP/2", "http/2");

function driver(name: string, protocol: HostDriver["protocol"]): HostDriver {
  return {
    name,
    protocol,
    exposes: true,
    except: trustsNoProxy,
    serve(app, options) {
      const root = build(app);
      root.onError((error, c) => send(c, app.onError(error, incoming(c))));
      return createServer(getRequestListener(root.fetch), protocol, options);
    },
  };
}

function build(app: Below): Hono<Env> {
  const hono = new Hono<Env>();
  for (const { sessions, options } of app.middleware) hono.use(session(sessions, options));
  for (const [path, inner] of Object.entries(app.below ?? {})) hono.route(path, build(inner));
  hono.all("*", (c) => {
    const answer: Awaitable<Response> = andThen(app.handle(incoming(c)), (reply) =>
      reply ? send(c, reply) : c.notFound(),
    );
    return answer as Response | Promise<Response>;
  });
  return hono;
}

function incoming(c: Context<Env>): Incoming {
  return {
    conn: c,
    ...target(c.req.url),
    exposed: (name) => c.get(name as never),
    untilGone: untilClosed(c.env.outgoing),
    response: () => c.env.outgoing,
  };
}

function send(c: Context, reply: Reply): Response {
  const { status = 200, headers = {}, body, file, redirect } = reply;
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value].flat()) c.header(name, each, { append: Array.isArray(value) });
  }
  if (redirect !== undefined) return c.redirect(redirect);
  c.status(status as StatusCode);
  if (file !== undefined) return c.body(webStream(fs.createReadStream(file)));
  if (typeof body === "object") return c.body(webStream(Readable.from(encoded(body))));
  return body === undefined ? c.body(null) : c.body(body);
}

async function* encoded(body: AsyncIterable<string | Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/** Node's own type of a web stream is not the one that the platform declares. */
function webStream(source: Readable): ReadableStream {
  return Readable.toWeb(source) as ReadableStream;
}
