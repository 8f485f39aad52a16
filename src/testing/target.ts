import { createServer, Server } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Awaitable } from "../core/awaitable.ts";
import { configError, describe } from "../core/errors.ts";
import { LocalServer } from "./local-server.ts";

type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

/** A Fastify application, which answers without a socket. */
interface Injectable {
  readonly inject: (request: {
    method: "GET";
    url: string;
    headers: Record<string, string>;
    payload?: Buffer;
  }) => PromiseLike<{
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, number | string | string[] | undefined>>;
    readonly rawPayload: Buffer;
  }>;
}

/**
 * The application under test: an Express, Fastify, Koa, Hono or h3 (2) application as it is, a Fetch handler as
 * `{ fetch: handler }`, a listener `(req, res)`, an `http.Server`, or the URL of a server that runs already.
 */
export type TestTarget =
  | string
  | URL
  | { fetch(request: Request): Awaitable<Response> }
  | Injectable
  | { callback(): Listener }
  | Server
  | Listener;

/** The application as a client asks it. */
export interface Target {
  /** The URL to which paths are relative. */
  readonly base: URL;
  send(url: URL, init: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

const LOCAL = "http://localhost";

/** The global `fetch` of now. A test may replace it later, to catch the requests that the application makes. */
const { fetch } = globalThis;

/** Makes a target of an application. @throws ERR_SESSION_CONFIG if the client cannot ask it */
export function readTarget(target: TestTarget): Target {
  if (typeof target === "string" || target instanceof URL) return running(target);
  if (target instanceof Server) return served(new LocalServer(target));
  if (can(target, "inject")) return inProcess((request) => inject(target, request));
  if (can(target, "fetch")) return inProcess(async (request) => target.fetch(request));
  // The callback is made at the first request, when Koa knows all its middleware.
  if (can(target, "callback")) return listening((req, res) => target.callback()(req, res));
  if (typeof target !== "function") {
    throw configError(
      "testClient(sessions, app) takes an application of Express, Fastify, Koa, Hono or h3, { fetch: handler }, " +
        `a listener (req, res), an http.Server or a URL, got ${describe(target)}`,
    );
  }
  // A function with one parameter is a Fetch handler, which would never answer a request as a listener.
  if (target.length === 1) {
    throw configError(
      "a function is taken for a listener (req, res); pass a Fetch handler as { fetch: handler }",
    );
  }
  return listening(target);
}

/** Whether a target has a method. NestJS gives the methods of its platform only to code that reads them by name. */
function can<Method extends string>(
  target: TestTarget,
  method: Method,
): target is Extract<TestTarget, { readonly [Each in Method]: unknown }> {
  return typeof Reflect.get(Object(target) as object, method) === "function";
}

function running(url: string | URL): Target {
  const text = String(url);
  if (!/^https?:/i.test(text) || !URL.canParse(text)) {
    throw configError(
      `the URL of a running server begins with http:// or https://, got ${describe(text)}`,
    );
  }
  return { base: new URL(text), send: fetch, close: async () => {} };
}

function inProcess(answer: (request: Request) => Promise<Response>): Target {
  return {
    base: new URL(LOCAL),
    send: (url, init) => answer(new Request(url, init)),
    close: async () => {},
  };
}

function listening(listener: Listener): Target {
  return served(new LocalServer(createServer((req, res) => void listener(req, res))));
}

function served(server: LocalServer): Target {
  return {
    base: new URL(LOCAL),
    async send(url, init) {
      const there = new URL(url);
      there.port = String(await server.port());
      return fetch(there, init);
    },
    close: () => server.close(),
  };
}

/** The statuses whose `Response` must have no body. */
const BODILESS = new Set([204, 205, 304]);

async function inject(app: Injectable, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const payload = Buffer.from(await request.arrayBuffer());
  const { statusCode, headers, rawPayload } = await app.inject({
    method: request.method as "GET", // Fastify's type lists them all; it takes any that a route has.
    url: pathname + search,
    headers: Object.fromEntries(request.headers),
    ...(payload.length > 0 && { payload }),
  });
  const answer = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value ?? []].flat()) answer.append(name, String(each));
  }
  const body = BODILESS.has(statusCode) ? null : rawPayload;
  return new Response(body, { status: statusCode, headers: answer });
}
