/** Neighbours on Hono: its own middleware and helpers, on Node's server and without one. */
import { fileURLToPath } from "node:url";
import { createAdaptorServer } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { Context, Handler, MiddlewareHandler } from "hono";
import { basicAuth } from "hono/basic-auth";
import { bodyLimit } from "hono/body-limit";
import { cache } from "hono/cache";
import { every, some } from "hono/combine";
import { compress } from "hono/compress";
import { contextStorage, getContext } from "hono/context-storage";
import { getCookie, setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { csrf } from "hono/csrf";
import { etag } from "hono/etag";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import { jsx } from "hono/jsx";
import { renderToReadableStream } from "hono/jsx/streaming";
import { jsxRenderer } from "hono/jsx-renderer";
import { logger } from "hono/logger";
import { methodOverride } from "hono/method-override";
import { poweredBy } from "hono/powered-by";
import { prettyJSON } from "hono/pretty-json";
import { proxy } from "hono/proxy";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { stream, streamSSE, streamText } from "hono/streaming";
import { endTime, startTime, timing } from "hono/timing";
import { timeout } from "hono/timeout";
import { trimTrailingSlash } from "hono/trailing-slash";
import { session } from "../../../src/adapters/hono.ts";
import type { Kit, Neighbour } from "../neighbour.ts";
import { startUpstream } from "../support/upstream.ts";
import { JSON_BODIES } from "../support/json-bodies.ts";
import { MemoryCaches } from "../support/memory-caches.ts";
import { askingOf } from "./without-server.ts";

const files = fileURLToPath(new URL("../files/", import.meta.url));

interface HonoEntry extends Pick<Neighbour, "name" | "requests" | "known" | "volatile"> {
  /** Default: both. */
  readonly places?: readonly Place[];
  readonly build: (kit: HonoKit) => HonoParts | Promise<HonoParts>;
}

interface HonoKit extends Kit {
  readonly app: Hono;
  /** A handler that looks at the session where the run does. */
  readonly look: (handler: Handler) => Handler;
}

interface HonoParts {
  readonly use?: readonly MiddlewareHandler[];
  readonly routes: Readonly<Record<string, Handler>>;
  readonly close?: () => unknown;
}

type Place = (typeof PLACES)[number];
const PLACES = ["below our middleware", "around our middleware"] as const;

const paths = (...list: readonly string[]) => list.map((path) => ({ path }));
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const long = "long ".repeat(500);

function streamed(...texts: readonly string[]): ReadableStream {
  return new ReadableStream({
    async start(controller) {
      for (const text of texts) {
        controller.enqueue(new TextEncoder().encode(text));
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await turn();
      }
      controller.close();
    },
  });
}

/**
 * Node's server gives a type of its own to a body that has none, but not if nobody has read the headers, and they are
 * a plain object.
 */
const TYPED = { "Content-Type": "text/plain" };

/** Pages of different kinds, for what changes answers. */
const pages: Readonly<Record<string, Handler>> = {
  "/text": (c) => c.text(long),
  "/json": (c) => c.json({ n: 1, long }, 201, { "X-Own": "1" }),
  "/html": (c) => c.html(html`<p>${long}</p>`),
  "/response": () => new Response(long, { status: 202, headers: { "Content-Type": "text/css" } }),
  "/stream": () =>
    new Response(streamed("one ", long), { headers: { ETag: '"of its own"', ...TYPED } }),
  "/buffer": (c) => c.body(new TextEncoder().encode(long)),
  "/empty": (c) => c.body(null, 204),
  "/redirect": (c) => c.redirect("/text"),
  "/cookie": (c) => {
    setCookie(c, "own", "1");
    c.header("Cache-Control", "max-age=60");
    return c.text(long);
  },
  "/private": (c) => {
    c.header("Vary", "Accept");
    return c.text(long);
  },
  "/late": async (c) => {
    await turn();
    return c.text("late");
  },
  "/throw": () => {
    throw new Error("thrown");
  },
  "/refuse": () => {
    throw new HTTPException(418, {
      res: new Response("no", { status: 418, headers: { "X-Own": "1", ...TYPED } }),
    });
  },
};
const allPages = [
  ...paths(...Object.keys(pages), "/none"),
  { path: "/text", method: "HEAD" },
  { path: "/stream", method: "HEAD" },
];

/** A middleware below which the pages stand. */
const around = (
  name: string,
  use: (kit: HonoKit) => readonly MiddlewareHandler[],
  rest: Partial<HonoEntry> = {},
): HonoEntry => ({
  name,
  build: (kit) => ({ use: use(kit), routes: pages }),
  requests: allPages,
  ...rest,
});

const entries: readonly HonoEntry[] = [
  around("Hono's own answers", () => []),
  around("hono/compress", () => [compress({ threshold: 100 })], {
    requests: allPages.map((ask) => ({ ...ask, headers: { "accept-encoding": "gzip" } })),
  }),
  around("hono/etag", () => [etag()], {
    requests: [
      ...allPages,
      (before) => ({
        path: "/text",
        headers: {
          "if-none-match": before[0]?.headers.find(([name]) => /^etag$/i.test(name))?.[1] ?? "",
        },
      }),
      { path: "/stream", headers: { "if-none-match": '"of its own"' } },
    ],
  }),
  around("hono/etag and hono/compress", () => [etag(), compress({ threshold: 100 })], {
    requests: allPages.map((ask) => ({ ...ask, headers: { "accept-encoding": "gzip" } })),
  }),
  around("hono/logger", ({ note }) => [logger((text) => note(text.replace(/ \d+m?s$/, "")))]),
  around(
    "hono/timing",
    () => [
      timing({ crossOrigin: true }),
      async (c, next) => {
        startTime(c, "handler");
        await next();
        endTime(c, "handler");
      },
    ],
    { volatile: ["server-timing"] },
  ),
  around("hono/secure-headers", () => [secureHeaders({ contentSecurityPolicy: {} })]),
  around("hono/cors", () => [cors({ origin: "https://shop.example", credentials: true })], {
    requests: [
      ...allPages.map((ask) => ({ ...ask, headers: { origin: "https://shop.example" } })),
      {
        path: "/text",
        method: "OPTIONS",
        headers: { origin: "https://shop.example", "access-control-request-method": "PUT" },
      },
    ],
  }),
  around("hono/csrf", () => [csrf({ origin: "https://shop.example" })], {
    requests: ["https://shop.example", "https://other.example"].map((origin) => ({
      path: "/text",
      method: "POST",
      headers: { origin, "content-type": "application/x-www-form-urlencoded" },
      body: "a=1",
    })),
  }),
  around(
    "hono/powered-by, request-id and pretty-json",
    () => [poweredBy(), requestId({ generator: () => "1" }), prettyJSON()],
    {
      requests: [...allPages, { path: "/json?pretty" }],
    },
  ),
  around("hono/basic-auth and hono/combine", () => [
    some(
      every(async (c, next) => {
        if (c.req.path !== "/text") throw new Error("another");
        await next();
      }),
      basicAuth({ username: "ann", password: "pass" }),
    ),
  ]),
  around("hono/trailing-slash", () => [trimTrailingSlash({ alwaysRedirect: true })], {
    requests: paths("/text", "/text/", "/none/").map((ask) => ({
      ...ask,
      headers: { host: "shop.example" },
    })),
  }),
  {
    name: "hono/timeout",
    build: () => ({
      use: [timeout(300)],
      routes: {
        "/fast": (c) => c.text("fast"),
        "/never": () => new Promise<Response>(() => {}),
      },
    }),
    requests: paths("/fast", "/never", "/fast"),
  },
  {
    name: "hono/body-limit",
    build: () => ({
      use: [bodyLimit({ maxSize: 100 })],
      routes: { "/": async (c) => c.json(await c.req.json()) },
    }),
    requests: JSON_BODIES,
  },
  {
    name: "Hono's body parsers",
    build: () => ({
      routes: {
        "/": async (c) => c.json(await c.req.parseBody()),
        "/clone": async (c) => c.text(await c.req.raw.clone().text()),
        "/raw": (c) => new Response(c.req.raw.body),
      },
    }),
    requests: paths("/", "/clone", "/raw").map(({ path }) => ({
      path,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "a=1&b=2",
    })),
  },
  {
    name: "hono/method-override",
    build: ({ app }) => ({
      use: [methodOverride({ app })],
      routes: { "/": (c) => c.text(c.req.method) },
    }),
    requests: ["a=1", "_method=DELETE"].map((body) => ({
      path: "/",
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    })),
  },
  {
    name: "hono/cache",
    build() {
      Object.assign(globalThis, { caches: new MemoryCaches() });
      return {
        use: [cache({ cacheName: "pages", wait: true })],
        routes: {
          // What a handler says about its page stands above what we would say.
          "/kept": (c) => {
            c.header("Cache-Control", "max-age=60");
            return c.text(long);
          },
          "/stream": (c) => {
            c.header("Cache-Control", "max-age=60");
            return c.body(streamed("one ", "two"));
          },
          "/throw": () => {
            throw new Error("thrown");
          },
        },
      };
    },
    requests: paths("/kept", "/stream", "/throw", "/none"),
  },
  {
    name: "hono/context-storage",
    build: ({ note }) => ({
      use: [contextStorage()],
      routes: {
        "/": async (c) => {
          await turn();
          note(`the same context: ${getContext() === c}`);
          return c.text(getCookie(c, "own") ?? "none");
        },
      },
    }),
    requests: [{ path: "/" }, { path: "/" }],
  },
  {
    name: "serveStatic of @hono/node-server",
    build: ({ look }) => ({
      use: [],
      routes: { "/*": look(serveStatic({ root: files, precompressed: true }) as Handler) },
    }),
    places: ["below our middleware"],
    requests: [
      { path: "/page.txt" },
      { path: "/page.txt", method: "HEAD" },
      { path: "/page.txt", headers: { range: "bytes=5-20" } },
      { path: "/sub/" },
      { path: "/none.txt" },
    ],
  },
  {
    name: "hono/streaming",
    build: ({ note }) => ({
      routes: {
        "/stream": (c) =>
          stream(c, async (out) => {
            await out.write("one ");
            await turn();
            await out.pipe(streamed("two ", "three"));
          }),
        "/text": (c) => streamText(c, async (out) => void (await out.writeln("one"))),
        "/events": (c) =>
          streamSSE(c, async (out) => {
            await out.writeSSE({ data: "one", event: "told", id: "1" });
            await turn();
            await out.writeSSE({ data: "two" });
          }),
        "/fail": (c) =>
          streamText(
            c,
            async (out) => {
              await out.write("one ");
              throw new Error("thrown");
            },
            async (error, out) => {
              note(`error ${error.message}`);
              await out.write("failed");
            },
          ),
      },
    }),
    requests: paths("/stream", "/text", "/events", "/fail"),
  },
  {
    name: "hono/jsx",
    build: () => ({
      use: [jsxRenderer(({ children }) => jsx("main", {}, children as never))],
      routes: {
        "/render": (c) => c.render(jsx("p", {}, "a page") as never),
        "/streamed": (c) => {
          const Slow = async () => {
            await turn();
            return jsx("p", {}, "slow");
          };
          c.header("Content-Type", "text/html");
          return c.body(renderToReadableStream(jsx(Slow as never, {})));
        },
      },
    }),
    requests: paths("/render", "/streamed"),
  },
  {
    name: "hono/proxy",
    async build() {
      const upstream = await startUpstream();
      return {
        routes: {
          "/*": (c) =>
            proxy(`${upstream.url}${c.req.path}`, {
              ...c.req,
              raw: c.req.raw,
              headers: { ...c.req.header(), connection: undefined },
            }),
        },
        close: () => upstream.close(),
      };
    },
    places: ["below our middleware"],
    volatile: ["keep-alive"],
    requests: [
      { path: "/page" },
      { path: "/gone" },
      { path: "/page", method: "POST", headers: { "content-type": "text/plain" }, body: "body" },
    ],
  },
  {
    name: "applications in applications",
    build: ({ look, sessions }) => {
      const inner = new Hono();
      if (sessions) inner.use(session(sessions));
      inner.get(
        "/page",
        look((c) => c.text("inner", 203)),
      );
      inner.get("/throw", () => {
        throw new Error("inner");
      });
      inner.onError((error, c) => c.text(`inner error: ${error.message}`, 502));
      const root = new Hono().route("/routed", inner);
      return {
        routes: {
          "/routed/*": (c) => root.fetch(c.req.raw, c.env),
          "/mounted/*": (c) => new Response(`mounted ${c.req.path}`),
        },
      };
    },
    requests: paths("/routed/page", "/routed/throw", "/mounted/page", "/none"),
  },
];

/** Hono on Node's server, or without a server. */
function honoOn(host: string, serve: (app: Hono) => object): Neighbour[] {
  return entries.flatMap(({ places = PLACES, build, ...rest }) =>
    places.map((place): Neighbour => ({
      ...rest,
      host,
      place,
      headersOf: "the platform",
      async program(kit) {
        const look =
          (handler: Handler): Handler =>
          (c, next) =>
            kit.handle(c, () => handler(c, next)) as Promise<Response>;
        const app = new Hono();
        const { use = [], routes, close } = await build({ ...kit, app, look });
        app.onError((error, c: Context) => {
          kit.note(`error ${error.message}`);
          if (error instanceof HTTPException) return error.getResponse();
          return c.text(`error: ${error.message}`, 500);
        });
        if (place === "around our middleware") for (const each of use) app.use(each);
        if (kit.sessions) app.use(session(kit.sessions));
        app.use(async (c, next) => {
          kit.above(c);
          await next();
        });
        if (place === "below our middleware") for (const each of use) app.use(each);
        for (const [path, handler] of Object.entries(routes)) app.all(path, look(handler));
        return { ...serve(app), ...(close ? { close } : {}) } as never;
      },
    })),
  );
}

export const honoOnNode = honoOn("Hono 4 on @hono/node-server", ({ fetch }) => ({
  server: createAdaptorServer({ fetch }),
}));

export const honoWithoutServer = honoOn("Hono 4 without a server", (app) => ({
  ask: askingOf((request) => app.fetch(request)),
}));
