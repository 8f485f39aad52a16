/** L16: what keeps caches off a page stands from the first look, and is completed when the head leaves. Node's hosts. */
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import express5 from "express";
import express4 from "express4";
import fastify from "fastify";
import Koa from "koa";
import { describe, expect, onTestFinished, test } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as fastifySession } from "../../src/adapters/fastify.ts";
import { session as koaSession } from "../../src/adapters/koa.ts";
import { session as nodeSession } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { SECRET } from "../support/secrets.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { start } from "../contracts/hosts/world.ts";

interface Data {
  readonly user: string;
}

/** A handler on Node's own request and response, whatever host stands around it. */
type Handler = (conn: Conn, res: ServerResponse, req: IncomingMessage) => void;
type Build = (sessions: Sessions<Data>, handler: Handler) => Promise<Server>;

const express =
  (make: () => express5.Express): Build =>
  async (sessions, handler) => {
    const app = make().set("env", "test").use(expressSession(sessions));
    app.use((req, res) => handler(req, res, req));
    return createServer(app as unknown as RequestListener);
  };

const hosts: readonly (readonly [name: string, build: Build])[] = [
  [
    "node:http",
    async (s, handler) =>
      createServer(
        nodeSession(s, (req, res) => handler(req, res, req), {
          onError: (_, __, res) => void res.writeHead(500).end(),
        }),
      ),
  ],
  ["Express 5", express(express5)],
  ["Express 4", express(express4 as unknown as typeof express5)],
  [
    "Koa",
    async (sessions, handler) => {
      const app = new Koa().use(koaSession(sessions)).on("error", () => {});
      app.use((ctx) => {
        ctx.respond = false;
        handler(ctx, ctx.res, ctx.req);
      });
      const listener = app.callback();
      return createServer((req, res) => void listener(req, res));
    },
  ],
  [
    "Fastify",
    async (sessions, handler) => {
      const app = fastify();
      await app.register(fastifySession, { sessions });
      app.all("/*", (request, reply) => {
        reply.hijack();
        handler(request, reply.raw, request.raw);
      });
      await app.ready();
      onTestFinished(() => app.close());
      return app.server;
    },
  ],
];

const stores = [
  ["a sealed cookie", () => cookieStore({ secret: SECRET })],
  ["a table that answers at once", () => tableStore({ table: createTable() })],
  ["a table that answers later", () => tableStore({ table: new AsyncTable(createTable()) })],
] as const;

describe.each(hosts)("L16: %s", (_host, build) => {
  describe.each(stores)("with %s", (_store, makeStore) => {
    async function answerOf(
      handle: (sessions: Sessions<Data>, ...args: Parameters<Handler>) => void,
    ) {
      const sessions = createSessions<Data>({ store: makeStore(), key: "sid" });
      const served = await start(await build(sessions, (...args) => handle(sessions, ...args)));
      return (options?: Parameters<ReturnType<typeof served.browser>["get"]>[1]) =>
        served.browser().get("/", options);
    }
    const cacheHeaders = (headers: Readonly<Record<string, unknown>>) => [
      headers["vary"],
      headers["cache-control"],
    ];

    test("the headers stand as soon as the handler has looked, before its answer", async () => {
      const seen: unknown[] = [];
      const get = await answerOf(({ getSession }, conn, res) => {
        const both = () => [res.getHeader("Vary"), res.getHeader("Cache-Control")];
        seen.push(both());
        getSession(conn);
        seen.push(both());
        res.end("page");
      });
      expect(cacheHeaders((await get()).headers)).toEqual(["Cookie", "private, no-cache"]);
      expect(seen).toEqual([
        [undefined, undefined],
        ["Cookie", "private, no-cache"],
      ]);
    });

    test.each([
      [
        "sets Vary itself",
        (res: ServerResponse) => res.setHeader("Vary", "Accept"),
        "Accept, Cookie",
        "private, no-cache",
      ],
      [
        "adds to Vary",
        (res: ServerResponse) => res.appendHeader("Vary", "Accept"),
        "Cookie, Accept",
        "private, no-cache",
      ],
      [
        "removes both",
        (res: ServerResponse) => (res.removeHeader("Vary"), res.removeHeader("Cache-Control")),
        "Cookie",
        "private, no-cache",
      ],
      [
        "removes all headers",
        (res: ServerResponse) => res.getHeaderNames().forEach((name) => res.removeHeader(name)),
        "Cookie",
        "private, no-cache",
      ],
      [
        "sets Cache-Control itself",
        (res: ServerResponse) => res.setHeader("Cache-Control", "max-age=5"),
        "Cookie",
        "max-age=5",
      ],
      [
        "gives both to writeHead",
        (res: ServerResponse) =>
          res.writeHead(200, { vary: "Accept", "cache-control": "max-age=5" }),
        "Accept, Cookie",
        "max-age=5",
      ],
    ])(
      "a handler that %s after its look gets private headers",
      async (_, change, vary, cacheControl) => {
        const handle = (write: boolean) =>
          answerOf(({ getSession, putSession }, conn, res) => {
            if (write) putSession(conn, "user", "ada");
            else getSession(conn);
            change(res);
            res.end("page");
          });
        const [read, written] = [await (await handle(false))(), await (await handle(true))()];
        expect(cacheHeaders(read.headers)).toEqual([vary, cacheControl]);
        expect(written.cookies).toHaveLength(1);
        expect(cacheHeaders(written.headers)).toEqual([vary, "no-store"]);
      },
    );

    test("headers from before the look stay", async () => {
      const get = await answerOf(({ getSession }, conn, res) => {
        res.setHeader("Vary", "Origin");
        res.setHeader("Cache-Control", "max-age=5");
        getSession(conn);
        expect([res.getHeader("Vary"), res.getHeader("Cache-Control")]).toEqual([
          "Origin, Cookie",
          "max-age=5",
        ]);
        res.end();
      });
      expect(cacheHeaders((await get()).headers)).toEqual(["Origin, Cookie", "max-age=5"]);
    });

    test.each([
      ["HEAD", 200],
      ["GET", 304],
      ["GET", 204],
      ["GET", 404],
      ["GET", 500],
    ])("a %s answered %i is private, too", async (method, status) => {
      const get = await answerOf(({ getSession }, conn, res) => {
        getSession(conn);
        res.statusCode = status;
        res.end();
      });
      const answer = await get({ method });
      expect(answer.status).toBe(status);
      expect(cacheHeaders(answer.headers)).toEqual(["Cookie", "private, no-cache"]);
    });
  });
});
