/** Neighbours on h3 2: its own utilities, on Node's server and without one, and middleware of Node's hosts. */
import { createServer } from "node:http";
import {
  H3,
  HTTPError,
  basicAuth,
  bodyLimit,
  createEventStream,
  fromNodeHandler,
  fromWebHandler,
  getCookie,
  handleCacheHeaders,
  handleCors,
  html,
  iterable,
  noContent,
  onError,
  onRequest,
  onResponse,
  proxy,
  proxyRequest,
  readBody,
  redirect,
  serveStatic,
  setCookie,
  toNodeHandler,
  useSession,
  withBase,
} from "h3";
import type { EventHandler, Middleware } from "h3";
import { session } from "../../../src/adapters/h3.ts";
import type { Kit, Neighbour } from "../neighbour.ts";
import { JSON_BODIES } from "../support/json-bodies.ts";
import { MADE } from "../support/node-middleware.ts";
import type { NodeMiddleware } from "../support/node-middleware.ts";
import { staticFiles } from "../support/static-files.ts";
import { startUpstream } from "../support/upstream.ts";
import { askingOf } from "./without-server.ts";

interface H3Entry extends Pick<Neighbour, "name" | "package" | "requests" | "known" | "volatile"> {
  /** Default: both. */
  readonly places?: readonly Place[];
  /** Default: both. */
  readonly where?: "on Node alone";
  readonly build: (kit: H3Kit) => H3Parts | Promise<H3Parts>;
}

interface H3Kit extends Kit {
  /** A handler that looks at the session where the run does. */
  readonly look: (handler: EventHandler) => EventHandler;
}

interface H3Parts {
  readonly use?: readonly Middleware[];
  readonly routes: Readonly<Record<string, EventHandler>>;
  readonly close?: () => unknown;
}

type Place = (typeof PLACES)[number];
const PLACES = ["below our middleware", "around our middleware"] as const;

/** h3 shows the address in its 404, and each run has another port. */
const headers = { host: "shop.example" };
const paths = (...list: readonly string[]) => list.map((path) => ({ path, headers }));
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const long = "long ".repeat(500);

/** Pages of different kinds, for what changes answers. A text without a type gets one that the platform spells. */
const pages: Readonly<Record<string, EventHandler>> = {
  "/text": (event) => {
    event.res.headers.set("Content-Type", "text/plain");
    return long;
  },
  "/json": (event) => {
    event.res.status = 201;
    event.res.headers.set("X-Own", "1");
    return { n: 1, long };
  },
  "/html": () => html`<p>${long}</p>`,
  "/response": () => new Response(long, { status: 202, headers: { "Content-Type": "text/css" } }),
  "/stream": (event) => {
    event.res.headers.set("Content-Type", "text/plain");
    return iterable(["one ", long]);
  },
  "/buffer": (event) => {
    event.res.headers.set("Content-Type", "text/plain");
    return new TextEncoder().encode(long);
  },
  "/empty": () => noContent(),
  "/redirect": () => redirect("/text"),
  "/cookie": (event) => {
    setCookie(event, "own", getCookie(event, "own") ?? "1");
    event.res.headers.set("Content-Type", "text/plain");
    event.res.headers.set("Cache-Control", "max-age=60");
    return long;
  },
  "/late": async () => {
    await turn();
    return { late: true };
  },
  "/throw": () => {
    throw new Error("thrown");
  },
  "/refuse": () => {
    throw new HTTPError({ status: 418, message: "refused", headers: { "X-Own": "1" } });
  },
  "/give": () => new HTTPError({ status: 409, message: "given" }),
};
const allPages = [
  ...paths(...Object.keys(pages), "/none"),
  { path: "/text", method: "HEAD" },
  { path: "/stream", method: "HEAD" },
];

/** A middleware below which the pages stand. */
const around = (
  name: string,
  use: (kit: H3Kit) => readonly Middleware[] | Promise<readonly Middleware[]>,
  rest: Partial<H3Entry> = {},
): H3Entry => ({
  name,
  build: async (kit) => ({ use: await use(kit), routes: pages }),
  requests: allPages,
  ...rest,
});

/** A middleware of Node's hosts. */
const ofNode = (
  name: string,
  make: (kit: H3Kit) => Promise<NodeMiddleware>,
  rest: Partial<H3Entry> = {},
): H3Entry =>
  around(name, async (kit) => [fromNodeHandler((await make(kit)) as never)], {
    package: name,
    where: "on Node alone",
    ...rest,
  });

const gzip = allPages.map((ask) => ({
  ...ask,
  headers: { ...headers, "accept-encoding": "gzip" },
}));

const entries: readonly H3Entry[] = [
  around("h3's own answers", () => []),
  around(
    "handleCors",
    () => [
      (event, next) => {
        const preflight = handleCors(event, {
          origin: ["https://shop.example"],
          credentials: true,
          methods: ["PUT"],
        });
        return preflight === false ? next() : preflight;
      },
    ],
    {
      requests: [
        ...allPages.map((ask) => ({
          ...ask,
          headers: { ...headers, origin: "https://shop.example" },
        })),
        {
          path: "/text",
          method: "OPTIONS",
          headers: { origin: "https://shop.example", "access-control-request-method": "PUT" },
        },
      ],
    },
  ),
  around("basicAuth", () => [basicAuth({ username: "ann", password: "pass" })], {
    requests: [
      { path: "/text" },
      { path: "/text", headers: { authorization: `Basic ${btoa("ann:pass")}` } },
    ],
  }),
  around("onRequest, onResponse and onError", ({ note }) => [
    onRequest((event) => note(`request ${event.url.pathname}`)),
    onResponse((response) => {
      note(`response ${response.status}`);
      return undefined;
    }),
    onError((error) => {
      note(`caught ${error.message}`);
      return undefined;
    }),
  ]),
  around("a middleware that changes the answer", () => [
    async (_event, next) => {
      const answer = await next();
      return typeof answer === "string" ? `<${answer}>` : answer;
    },
  ]),
  around(
    "handleCacheHeaders",
    () => [
      (event, next) => {
        const isFresh = handleCacheHeaders(event, { etag: '"of its own"', maxAge: 60 });
        return isFresh ? null : next();
      },
    ],
    {
      requests: [
        ...paths("/text", "/json", "/throw"),
        { path: "/text", headers: { "if-none-match": '"of its own"' } },
      ],
    },
  ),
  {
    name: "bodyLimit and readBody",
    build: () => ({
      use: [bodyLimit(100)],
      routes: { "/": async (event) => ({ read: (await readBody(event)) ?? "none" }) },
    }),
    requests: JSON_BODIES,
  },
  {
    name: "useSession",
    volatile: ["set-cookie"],
    build: () => ({
      routes: {
        "/": async (event) => {
          const own = await useSession<{ n?: number }>(event, {
            password: "of h3's own session, long enough",
            cookie: { secure: false },
          });
          await own.update({ n: (own.data.n ?? 0) + 1 });
          return `${own.data.n}`;
        },
      },
    }),
    requests: paths("/", "/", "/"),
  },
  {
    name: "createEventStream",
    build: () => ({
      routes: {
        "/": async (event) => {
          const events = createEventStream(event);
          void (async () => {
            await events.push("one");
            await turn();
            await events.push({ event: "told", data: "two" });
            await events.close();
          })();
          return events.send();
        },
      },
    }),
    requests: paths("/"),
  },
  {
    name: "serveStatic",
    build: () => ({ routes: { "/**": (event) => serveStatic(event, staticFiles) } }),
    requests: [
      { path: "/page.txt" },
      { path: "/page.txt", method: "HEAD" },
      { path: "/page.txt", headers: { "if-none-match": '"a file"' } },
      { path: "/none.txt" },
    ],
  },
  {
    name: "proxy and proxyRequest",
    volatile: ["keep-alive"],
    async build() {
      const upstream = await startUpstream();
      return {
        routes: {
          "/page": (event) => proxyRequest(event, `${upstream.url}${event.url.pathname}`),
          "/gone": (event) => proxy(event, `${upstream.url}/gone`),
        },
        close: () => upstream.close(),
      };
    },
    places: ["below our middleware"],
    requests: [
      ...paths("/page", "/gone"),
      { path: "/page", method: "POST", headers: { "content-type": "text/plain" }, body: "body" },
    ],
  },
  {
    name: "applications in applications",
    build: ({ look, sessions }) => {
      const inner = new H3();
      if (sessions) inner.use(session(sessions));
      inner.get(
        "/page",
        look(() => "inner"),
      );
      inner.get("/throw", () => {
        throw new HTTPError({ status: 502, message: "inner" });
      });
      return {
        routes: {
          "/based/**": withBase("/based", inner),
          "/web": fromWebHandler(
            async (request) => new Response(`web ${new URL(request.url).pathname}`),
          ),
        },
      };
    },
    requests: paths("/based/page", "/based/throw", "/based/none", "/web"),
  },
  ofNode("morgan", MADE.morgan),
  ofNode("compression", MADE.compression, { requests: gzip }),
  ofNode("helmet", MADE.helmet),
  ofNode("cors", MADE.cors, {
    requests: allPages.map((ask) => ({
      ...ask,
      headers: { ...headers, origin: "https://a.example" },
    })),
  }),
];

function h3On(host: string, serve: (app: H3) => object): Neighbour[] {
  return entries
    .filter(({ where }) => where === undefined || host === ON_NODE)
    .flatMap(({ places = PLACES, build, where: _where, ...rest }) =>
      places.map((place): Neighbour => ({
        ...rest,
        host,
        place,
        headersOf: "the platform",
        async program(kit) {
          const look =
            (handler: EventHandler): EventHandler =>
            (event) =>
              kit.handle(event, () => handler(event));
          const { use = [], routes, close } = await build({ ...kit, look });
          const app = new H3({
            silent: true,
            onError: (error) => kit.note(`error ${error.message.replace(/:\d+\//, "/")}`),
          });
          if (place === "around our middleware") for (const each of use) app.use(each);
          if (kit.sessions) app.use(session(kit.sessions));
          app.use((event, next) => {
            kit.above(event);
            return next();
          });
          if (place === "below our middleware") for (const each of use) app.use(each);
          for (const [path, handler] of Object.entries(routes)) app.all(path, look(handler));
          return { ...serve(app), ...(close ? { close } : {}) } as never;
        },
      })),
    );
}

const ON_NODE = "h3 2 on Node";

export const h32OnNode = h3On(ON_NODE, (app) => ({ server: createServer(toNodeHandler(app)) }));

export const h32WithoutServer = h3On("h3 2 without a server", (app) => ({
  ask: askingOf(async (request) => app.fetch(request)),
}));
