/** Neighbours on Fastify: its own plugins, in a context below our plugin and registered before it. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import websocket from "@fastify/websocket";
import fastify from "fastify";
import type { FastifyInstance, FastifyPluginCallback, RouteHandlerMethod } from "fastify";
import { WebSocket } from "ws";
import { session } from "../../../src/adapters/fastify.ts";
import type { Kit, Neighbour } from "../neighbour.ts";
import { JSON_BODIES } from "../support/json-bodies.ts";
import { load } from "../support/packages.ts";
import { startUpstream } from "../support/upstream.ts";

const files = fileURLToPath(new URL("../files/", import.meta.url));

interface FastifyEntry extends Pick<
  Neighbour,
  "name" | "package" | "requests" | "known" | "volatile"
> {
  /** Default: both. */
  readonly places?: readonly Place[];
  readonly build: (kit: FastifyKit) => FastifyParts | Promise<FastifyParts>;
}

interface FastifyKit extends Kit {
  /** A handler that looks at the session where the run does. */
  readonly look: (handler: RouteHandlerMethod) => RouteHandlerMethod;
}

interface FastifyParts {
  /** Registers the neighbour. */
  readonly use?: (app: FastifyInstance) => unknown;
  readonly routes?: Readonly<Record<string, RouteHandlerMethod>>;
  readonly close?: () => unknown;
}

type Place = (typeof PLACES)[number];
const PLACES = ["registered after ours", "registered before ours"] as const;

const paths = (...list: readonly string[]) => list.map((path) => ({ path }));
const long = "long ".repeat(500);

/** Pages of different kinds, for what changes answers. */
const pages: Readonly<Record<string, RouteHandlerMethod>> = {
  "/text": () => Promise.resolve(long),
  "/json": (_request, reply) => reply.code(201).header("X-Own", "1").send({ n: 1, long }),
  "/buffer": (_request, reply) => reply.type("text/css").send(Buffer.from(long)),
  "/stream": (_request, reply) => reply.type("text/plain").send(Readable.from(["one ", long])),
  "/etag": (_request, reply) => reply.header("ETag", '"of its own"').send(long),
  "/response": () =>
    Promise.resolve(new Response(long, { status: 202, headers: { "Content-Type": "text/html" } })),
  "/empty": (_request, reply) => reply.code(204).send(),
  "/redirect": (_request, reply) => reply.redirect("/text"),
  "/cached": (_request, reply) => reply.header("Cache-Control", "max-age=60").send(long),
  "/late": async () => {
    await nextTurn();
    return "late";
  },
  "/throw": () => Promise.reject(Object.assign(new Error("thrown"), { statusCode: 418 })),
  "/send-error": (_request, reply) => reply.send(new Error("sent")),
  "/raw": (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(203, { "X-Own": "1" });
    reply.raw.end("raw");
  },
  "/break": (_request, reply) =>
    reply.type("text/plain").send(
      new Readable({
        read() {
          this.push("begun");
          this.destroy(new Error("broken off"));
        },
      }),
    ),
};
const allPages = [
  ...paths(...Object.keys(pages), "/none"),
  { path: "/text", method: "HEAD" },
  { path: "/stream", method: "HEAD" },
];

/** A plugin of the pages' context. */
const plugin = (name: string, options: object, rest: Partial<FastifyEntry> = {}): FastifyEntry => ({
  name,
  package: name,
  async build() {
    const found = await load<FastifyPluginCallback>(name);
    return { use: (app) => app.register(found, options), routes: pages };
  },
  requests: allPages,
  ...rest,
});

const form = { "content-type": "application/x-www-form-urlencoded" };

const entries: readonly FastifyEntry[] = [
  { name: "Fastify's own answers", build: () => ({ routes: pages }), requests: allPages },
  plugin(
    "@fastify/compress",
    { threshold: 100, encodings: ["gzip"] },
    {
      requests: allPages.map((ask) => ({ ...ask, headers: { "accept-encoding": "gzip" } })),
    },
  ),
  plugin(
    "@fastify/etag",
    {},
    {
      requests: [
        ...allPages,
        (before) => ({
          path: "/text",
          headers: {
            "if-none-match": before[0]?.headers.find(([name]) => /^etag$/i.test(name))?.[1] ?? "",
          },
        }),
        { path: "/etag", headers: { "if-none-match": '"of its own"' } },
      ],
    },
  ),
  plugin("@fastify/helmet", {}),
  plugin(
    "@fastify/rate-limit",
    { max: 12, timeWindow: 60_000 },
    {
      volatile: ["x-ratelimit-reset", "retry-after"],
    },
  ),
  plugin(
    "@fastify/cors",
    { origin: "https://shop.example", credentials: true },
    {
      requests: [
        ...allPages.map((ask) => ({ ...ask, headers: { origin: "https://shop.example" } })),
        {
          path: "/text",
          method: "OPTIONS",
          headers: { origin: "https://shop.example", "access-control-request-method": "PUT" },
        },
      ],
    },
  ),
  {
    name: "@fastify/cookie",
    package: "@fastify/cookie",
    async build() {
      const cookie =
        await load<FastifyPluginCallback<{ readonly secret: string }>>("@fastify/cookie");
      return {
        use: (app) => app.register(cookie, { secret: "a secret" }),
        routes: {
          "/": (request, reply) => {
            const { cookies } = request as unknown as { cookies: Record<string, string> };
            const set = reply as unknown as {
              setCookie: (name: string, value: string, options: object) => void;
            };
            set.setCookie("own", "1", { path: "/", signed: true });
            set.setCookie("other", "2", { path: "/" });
            return reply.send(`other=${cookies["other"]}`);
          },
        },
      };
    },
    requests: [{ path: "/" }, { path: "/" }],
  },
  {
    name: "@fastify/formbody and Fastify's body parsers",
    package: "@fastify/formbody",
    async build() {
      const formbody =
        await load<FastifyPluginCallback<{ readonly bodyLimit: number }>>("@fastify/formbody");
      return {
        use: (app) => app.register(formbody, { bodyLimit: 100 }),
        routes: { "/": (request, reply) => reply.send(request.body ?? "none") },
      };
    },
    requests: [
      ...JSON_BODIES,
      { path: "/", method: "POST", headers: form, body: "a=1" },
      { path: "/", method: "POST", headers: form, body: `a=${long}` },
      { path: "/", method: "POST", headers: { "content-type": "text/x-none" }, body: "a" },
    ],
  },
  {
    name: "@fastify/static",
    package: "@fastify/static",
    async build() {
      const serve = await load<FastifyPluginCallback<Record<string, unknown>>>("@fastify/static");
      return {
        use: (app) => app.register(serve, { root: files, maxAge: 1000, redirect: true }),
        routes: {
          "/sent": (_request, reply) =>
            (reply as unknown as { sendFile: (name: string) => unknown }).sendFile("page.txt"),
        },
      };
    },
    requests: [
      { path: "/page.txt" },
      { path: "/page.txt", method: "HEAD" },
      { path: "/page.txt", headers: { range: "bytes=5-20" } },
      { path: "/sub" },
      { path: "/sub/" },
      { path: "/sent" },
      { path: "/none.txt" },
    ],
  },
  {
    name: "@fastify/express",
    package: "@fastify/express",
    async build({ note }) {
      const express = await load<FastifyPluginCallback>("@fastify/express");
      type Used = FastifyInstance & {
        use: (
          path: unknown,
          handler?: (req: IncomingMessage, res: ServerResponse & Sending, next: () => void) => void,
        ) => void;
      };
      return {
        async use(app) {
          await app.register(express);
          (app as Used).use("/express", (req, res) => {
            note(`the path ${req.url}`);
            if (req.url === "/send") {
              res.status(203).send(long);
              return;
            }
            if (req.url === "/pieces") {
              res.write("one ");
              return void res.end("two");
            }
            throw new Error("thrown");
          });
        },
        routes: pages,
      };
    },
    requests: [...allPages, ...paths("/express/send", "/express/pieces", "/express/throw")],
  },
  {
    name: "@fastify/websocket",
    package: "@fastify/websocket",
    build: () => ({
      async use(app) {
        await app.register(websocket);
        app.get("/live", { websocket: true }, (socket, request) => {
          socket.on("message", (message: Buffer) => {
            socket.send(`${request.url} got ${message.toString()}`);
            socket.close(4001, "enough");
          });
        });
      },
      // What a client of the WebSocket hears is in the page that dials it.
      routes: {
        ...pages,
        "/dial": async ({ server, headers: { cookie = "" } }) => {
          const { port } = server.server.address() as AddressInfo;
          const client = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: { cookie } });
          await once(client, "open");
          client.send("hello");
          const [[message], [code, reason]] = (await Promise.all([
            once(client, "message"),
            once(client, "close"),
          ])) as [[Buffer], [number, Buffer]];
          return `${message.toString()}, closed by ${code} ${reason.toString()}`;
        },
      },
    }),
    requests: [...allPages, ...paths("/dial", "/live", "/dial")],
  },
  {
    name: "@fastify/reply-from",
    package: "@fastify/reply-from",
    async build() {
      const upstream = await startUpstream();
      const replyFrom =
        await load<FastifyPluginCallback<Record<string, unknown>>>("@fastify/reply-from");
      return {
        use: (app) => app.register(replyFrom, { base: upstream.url }),
        routes: {
          "/*": (request, reply) =>
            (reply as unknown as { from: (url: string) => unknown }).from(request.url),
        },
        close: () => upstream.close(),
      };
    },
    requests: [
      { path: "/page" },
      { path: "/gone" },
      {
        path: "/page",
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      },
    ],
  },
  {
    name: "onSend, preSerialization and onResponse hooks",
    build: ({ event, note }) => ({
      use: (app) => {
        app.addHook("preSerialization", async (_request, _reply, payload) => ({
          payload,
          more: 1,
        }));
        app.addHook("onSend", async (_request, reply, payload) => {
          note(`onSend ${typeof payload}, sent ${reply.sent}, headers ${reply.raw.headersSent}`);
          reply.header("X-Sent", "1");
          return typeof payload === "string" ? payload.toUpperCase() : payload;
        });
        app.addHook("onResponse", async (_request, reply) =>
          event(`onResponse ${reply.statusCode}`),
        );
        app.addHook("onError", async (_request, _reply, error) => note(`onError ${error.message}`));
      },
      routes: pages,
    }),
    requests: allPages,
  },
  {
    name: "contexts with error handlers of their own",
    build: ({ look, note }) => ({
      use: (app) =>
        app.register(
          async (inner) => {
            inner.setErrorHandler((error: Error, _request, reply) => {
              note(`inner ${error.message}`);
              return reply.code(502).send(`inner error: ${error.message}`);
            });
            inner.setNotFoundHandler((_request, reply) => reply.code(404).send("inner none"));
            for (const [path, handler] of Object.entries(pages)) inner.all(path, look(handler));
          },
          { prefix: "/inner" },
        ),
    }),
    requests: allPages.map((ask) => ({ ...ask, path: `/inner${ask.path}` })),
  },
];

interface Sending {
  status: (code: number) => { send: (body: string) => void };
}

export const onFastify: readonly Neighbour[] = entries.flatMap(
  ({ places = PLACES, build, ...rest }) =>
    places.map((place): Neighbour => ({
      ...rest,
      host: "Fastify 5",
      place,
      async program(kit) {
        const look = (handler: RouteHandlerMethod): RouteHandlerMethod =>
          function looking(request, reply) {
            return kit.handle(request, () => handler.call(this, request, reply));
          };
        const { use, routes = {}, close } = await build({ ...kit, look });
        const app = fastify({ forceCloseConnections: true });
        app.setErrorHandler((error: Error & { readonly statusCode?: number }, _request, reply) => {
          kit.note(`error ${error.message}`);
          return reply.code(error.statusCode ?? 500).send(`error: ${error.message}`);
        });
        if (place === "registered before ours") await use?.(app);
        if (kit.sessions) await app.register(session, { sessions: kit.sessions });
        app.addHook("onRequest", async (request) => kit.above(request));
        if (place === "registered after ours") await use?.(app);
        for (const [path, handler] of Object.entries(routes)) app.all(path, look(handler));
        await app.ready();
        return {
          server: app.server,
          async close() {
            await close?.();
            await app.close();
          },
        };
      },
    })),
);
