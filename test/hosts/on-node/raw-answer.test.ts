/** L14: an answer that a handler writes into Node's response, past its host. Real servers. */
import { createServer } from "node:http";
import { createServer as createServer2 } from "node:http2";
import type { ServerResponse } from "node:http";
import type { Server } from "node:net";
import { once } from "node:events";
import { getRequestListener } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import fastify from "fastify";
import { H3, toNodeHandler } from "h3";
import * as h31 from "h3-1";
import { Hono } from "hono";
import Koa from "koa";
import type { ServerRequest } from "srvx";
import { toNodeHandler as srvxHandler } from "srvx/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { session as fastifySession } from "../../../src/adapters/fastify.ts";
import { session as fetchSession } from "../../../src/adapters/fetch.ts";
import { session as h3Session } from "../../../src/adapters/h3.ts";
import { session as honoSession } from "../../../src/adapters/hono.ts";
import { session as koaSession } from "../../../src/adapters/koa.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { openSessions } from "../../contracts/hosts/sessions.ts";
import { sealedCookie, storeKinds } from "../../contracts/hosts/stores.ts";
import { PLAIN_HTTP, codeOf, listenTo, start, thrownBy } from "../../contracts/hosts/world.ts";
import type { Data } from "../../contracts/hosts/world.ts";

/** A handler on Node's response, whatever host stands around it. */
type Handler = (conn: Conn, res: ServerResponse) => unknown;

interface HostParts {
  readonly sessions: Sessions<Data>;
  readonly handler: Handler;
  /** The host's own path for an error. */
  readonly onError: (error: unknown) => void;
}

interface RawHost {
  readonly name: string;
  /** Default: http/1.1. */
  readonly protocol?: "http/2";
  /** The status of an answer that the handler makes after it has returned. Some hosts do not wait for it. */
  readonly later: 202 | 200 | "never";
  /** Whether the response is ready for a commit before the handler looks at its session. */
  readonly isReady: boolean;
  readonly build: (parts: HostParts) => Server | Promise<Server>;
}

const handled = Symbol.for("h3.handled"); // What fromNodeHandler gives; h3 does not export it.

/** Hono's server for Node gives a promise, of which Node's server has no need. */
function listenerOf(fetch: Parameters<typeof getRequestListener>[0]) {
  const listener = getRequestListener(fetch);
  return (...args: Parameters<typeof listener>) => void listener(...args);
}

function hono({ sessions, handler, onError }: HostParts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(honoSession(sessions));
  app.get("/", async (c) => {
    await handler(c, c.env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  app.onError((error, c) => {
    onError(error);
    return c.text("failed", 500);
  });
  return app;
}

const hosts: readonly RawHost[] = [
  {
    name: "Hono on its server for Node",
    later: 202,
    isReady: false,
    build: (parts) => createServer(listenerOf(hono(parts).fetch)),
  },
  {
    name: "Hono over HTTP/2",
    protocol: "http/2",
    later: 202,
    isReady: true,
    build: (parts) => createServer2(listenerOf(hono(parts).fetch)),
  },
  {
    name: "a Fetch handler on Hono's server for Node",
    later: 202,
    isReady: false,
    build({ sessions, handler, onError }) {
      const listener = fetchSession(
        sessions,
        async (request: Request, { outgoing }: HttpBindings) => {
          await handler(request, outgoing);
          return RESPONSE_ALREADY_SENT;
        },
        {
          onError(error) {
            onError(error);
            return new Response("failed", { status: 500 });
          },
        },
      );
      return createServer(listenerOf((request, env) => listener(request, env as HttpBindings)));
    },
  },
  {
    name: "a Fetch handler on srvx",
    later: "never",
    isReady: false,
    build({ sessions, handler, onError }) {
      const fetch = fetchSession(
        sessions,
        async (request: ServerRequest) => {
          await handler(request, request.runtime?.node?.res as ServerResponse);
          return undefined;
        },
        {
          onError(error) {
            onError(error);
            return new Response("failed", { status: 500 });
          },
        },
      );
      return createServer(srvxHandler(fetch as never) as never);
    },
  },
  {
    name: "h3 2",
    later: 200,
    isReady: true,
    build({ sessions, handler, onError }) {
      const app = new H3({ silent: true });
      app.use(
        h3Session(sessions, {
          onError(error, event) {
            onError(error);
            const res = event.runtime?.node?.res as ServerResponse;
            res.writeHead(500).end("failed");
          },
        }),
      );
      app.get("/", async (event) => {
        await handler(event, event.runtime?.node?.res as ServerResponse);
        return handled;
      });
      return createServer(toNodeHandler(app));
    },
  },
  {
    name: "h3 1",
    later: 202,
    isReady: true,
    build({ sessions, handler, onError }) {
      const app = h31.createApp();
      app.use(
        h3Session(sessions, {
          onError(error, event: h31.H3Event) {
            onError(error);
            event.node.res.writeHead(500).end("failed");
          },
        }),
      );
      app.use(
        h31.eventHandler(async (event) => {
          event._handled = true;
          await handler(event, event.node.res);
        }),
      );
      return createServer(h31.toNodeListener(app));
    },
  },
  {
    name: "Koa",
    later: 202,
    isReady: true,
    build({ sessions, handler, onError }) {
      const app = new Koa().on("error", onError).use(koaSession(sessions));
      app.use(async (ctx) => {
        ctx.respond = false;
        await handler(ctx, ctx.res);
      });
      const listener = app.callback();
      return createServer((req, res) => void listener(req, res));
    },
  },
  {
    name: "Fastify",
    later: 202,
    isReady: true,
    async build({ sessions, handler, onError }) {
      const write = (line: string): void =>
        void (line.includes("ERR_") && onError((JSON.parse(line) as { err: unknown }).err));
      const app = fastify({ logger: { level: "error", stream: { write } } });
      await app.register(fastifySession, { sessions });
      app.get("/", async (request, reply) => {
        reply.hijack();
        await handler(request, reply.raw);
      });
      await app.ready();
      onTestFinished(() => app.close());
      return app.server;
    },
  },
];

describe.each(hosts)("L14: $name", ({ protocol, later, isReady, build }) => {
  describe.each(storeKinds)("with $name", (kind) => {
    async function serve(
      handle: (sessions: Sessions<Data>, ...args: Parameters<Handler>) => unknown,
    ) {
      const opened = openSessions(kind);
      const { sessions, key } = opened;
      const errors: string[] = [];
      const served = await start(
        await build({
          sessions,
          handler: (...args) => handle(sessions, ...args),
          onError: (error) => void errors.push((error as { code?: string }).code ?? codeOf(error)),
        }),
        protocol,
      );
      return { ...opened, ...served, errors, events: listenTo(key, PLAIN_HTTP) };
    }

    test("what was put before a raw answer leaves with its head", async () => {
      const { browser } = await serve((sessions, conn, res) => {
        if (res.req.url !== "/") return res.end(String(sessions.getSession(conn, "n")));
        sessions.updateSession(conn, "n", (n = 0) => n + 1);
        res.writeHead(201, { "X-Own": "1", "Set-Cookie": "mine=1" });
        return res.end("raw");
      });
      const visitor = browser();
      for (const count of [1, 2]) {
        const answer = await visitor.get("/");
        expect(answer).toMatchObject({ status: 201, body: "raw", headers: { "x-own": "1" } });
        expect(answer.cookies).toHaveLength(kind.table === "none" || count === 1 ? 2 : 1);
        if (answer.cookies.length === 2) expect(answer.headers["cache-control"]).toBe("no-store");
      }
    });

    test("a write after a raw answer is ERR_SESSION_COMMITTED, and the answer stays", async () => {
      const codes: string[] = [];
      const { browser } = await serve((sessions, conn, res) => {
        res.end("raw");
        codes.push(thrownBy(() => sessions.putSession(conn, "user", "ada")));
      });
      expect(await browser().get("/")).toMatchObject({ body: "raw", cookies: [] });
      expect(codes).toEqual(["ERR_SESSION_COMMITTED"]);
    });

    test("a raw answer in pieces is whole", async () => {
      const { browser } = await serve(async (sessions, conn, res) => {
        sessions.putSession(conn, "user", "ada");
        res.write("one ");
        await new Promise((done) => setImmediate(done));
        res.write("two ");
        const ended = once(res, "finish");
        res.end("three");
        await ended;
      });
      expect(await browser().get("/")).toMatchObject({
        body: "one two three",
        cookies: { length: 1 },
      });
    });

    test("a raw answer whose handler has looked is private", async () => {
      const { browser } = await serve((sessions, conn, res) => {
        sessions.getSession(conn, "user");
        res.end("raw");
      });
      expect((await browser().get("/")).headers).toMatchObject({
        vary: "Cookie",
        "cache-control": "private, no-cache",
      });
    });

    test.runIf(later !== "never")("a handler that has returned may answer later", async () => {
      const { browser } = await serve((sessions, conn, res) => {
        sessions.putSession(conn, "user", "ada");
        setTimeout(() => res.headersSent || res.writeHead(202).end("later"));
      });
      const answer = await browser().get("/");
      expect(answer).toMatchObject({ status: later, cookies: { length: 1 } });
    });

    test("a put inside the call that ends a raw answer is kept, or it is an event", async () => {
      const { browser, events } = await serve((sessions, conn, res) =>
        res.end(`raw ${String(sessions.putSession(conn, "user", "ada"))}`),
      );
      const answer = await browser().get("/");
      expect(answer.body).toBe("raw undefined");
      expect(answer.cookies).toHaveLength(isReady ? 1 : 0);
      expect(events).toEqual([isReady ? "commit create" : "stop no-answer"]);
    });

    test("a commit that fails drops the raw answer, and its error comes once", async () => {
      const reported: unknown[] = [];
      const spy = vi
        .spyOn(console, "error")
        .mockImplementation((error) => void reported.push(error));
      onTestFinished(() => spy.mockRestore());
      const { browser, errors, table } = await serve((sessions, conn, res) => {
        sessions.putSession(conn, "text", table ? "x" : "x".repeat(5000));
        res.writeHead(201, { "X-Own": "1" });
        res.end("raw");
      });
      if (table) table.writes = "failing";
      const answer = await browser().get("/");
      expect(answer).toMatchObject({ status: 500, cookies: [] });
      expect(answer.body).not.toContain("raw");
      expect(answer.headers).not.toHaveProperty("x-own");
      expect(errors).toEqual([table ? "ERR_SESSION_STORE" : "ERR_SESSION_COOKIE_OVERFLOW"]);
      expect(reported).toEqual([]);
    });
  });
});

test("L14: a Fetch handler on srvx that gives no answer, and writes none, makes no session", async () => {
  const { sessions, key, calls } = openSessions(sealedCookie);
  const events = listenTo(key, PLAIN_HTTP);
  const fetch = fetchSession(sessions, (request: Request): Response | undefined => {
    sessions.putSession(request, "user", "ada");
    return undefined;
  });
  const { browser } = await start(createServer(srvxHandler(fetch as never) as never));
  expect(await browser().get("/")).toMatchObject({ status: 500, cookies: [] });
  expect(calls.create).toBe(0);
  expect(events).toEqual(["stop no-answer"]);
});
