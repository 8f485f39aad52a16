/** Neighbours on h3 1: its own utilities, on Node's server and without a socket, and middleware of Node's hosts. */
import { createServer } from "node:http";
import { Readable } from "node:stream";
import {
  createApp,
  createError,
  createEventStream,
  createRouter,
  eventHandler,
  fromNodeMiddleware,
  fromWebHandler,
  getCookie,
  handleCacheHeaders,
  handleCors,
  proxyRequest,
  readBody,
  sendNoContent,
  sendProxy,
  sendRedirect,
  sendStream,
  serveStatic,
  setCookie,
  setResponseHeader,
  setResponseStatus,
  toNodeListener,
  toWebHandler,
  useBase,
  useSession,
} from "h3-1";
import type { App, EventHandler, H3Event } from "h3-1";
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
  readonly build: (kit: Kit) => H3Parts | Promise<H3Parts>;
}

interface H3Parts {
  readonly use?: readonly EventHandler[];
  readonly routes: Readonly<Record<string, Page>>;
  readonly close?: () => unknown;
}

type Page = (event: H3Event) => unknown;
type Place = (typeof PLACES)[number];
const PLACES = ["below our middleware", "around our middleware"] as const;

const paths = (...list: readonly string[]) => list.map((path) => ({ path }));
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const long = "long ".repeat(500);

/** Pages of different kinds, for what changes answers. */
const pages: Readonly<Record<string, Page>> = {
  "/text": () => long,
  "/json": (event) => {
    setResponseStatus(event, 201);
    setResponseHeader(event, "X-Own", "1");
    return { n: 1, long };
  },
  "/response": () => new Response(long, { status: 202, headers: { "Content-Type": "text/css" } }),
  "/stream": (event) => sendStream(event, Readable.from(["one ", long])),
  "/web-stream": () => new Response(long).body,
  "/buffer": () => Buffer.from(long),
  "/empty": (event) => sendNoContent(event),
  "/null": () => null,
  "/redirect": (event) => sendRedirect(event, "/text"),
  "/cookie": (event) => {
    setCookie(event, "own", getCookie(event, "own") ?? "1");
    setResponseHeader(event, "Cache-Control", "max-age=60");
    return long;
  },
  "/late": async () => {
    await turn();
    return "late";
  },
  "/throw": () => {
    throw new Error("thrown");
  },
  "/refuse": () => {
    throw createError({ statusCode: 418, message: "refused", data: { n: 1 } });
  },
  "/give": () => createError({ statusCode: 409, message: "given" }),
};
const allPages = [...paths(...Object.keys(pages), "/none"), { path: "/text", method: "HEAD" }];

/** A middleware below which the pages stand. */
const around = (
  name: string,
  use: (kit: Kit) => readonly EventHandler[] | Promise<readonly EventHandler[]>,
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
  make: (kit: Kit) => Promise<NodeMiddleware>,
  rest: Partial<H3Entry> = {},
): H3Entry =>
  around(name, async (kit) => [fromNodeMiddleware((await make(kit)) as never)], {
    package: name,
    where: "on Node alone",
    ...rest,
  });

const withHeader = (name: string, value: string) =>
  allPages.map((ask) => ({ ...ask, headers: { [name]: value } }));

const entries: readonly H3Entry[] = [
  around("h3's own answers", () => []),
  around(
    "handleCors",
    () => [
      eventHandler((event) => {
        const options = {
          origin: ["https://shop.example"],
          credentials: true,
          methods: ["PUT" as const],
        };
        return handleCors(event, options) ? null : undefined;
      }),
    ],
    {
      requests: [
        ...withHeader("origin", "https://shop.example"),
        {
          path: "/text",
          method: "OPTIONS",
          headers: { origin: "https://shop.example", "access-control-request-method": "PUT" },
        },
      ],
    },
  ),
  around(
    "handleCacheHeaders",
    () => [
      eventHandler((event) =>
        handleCacheHeaders(event, { etag: '"of its own"', maxAge: 60 }) ? null : undefined,
      ),
    ],
    {
      requests: [
        ...paths("/text", "/json", "/throw"),
        { path: "/text", headers: { "if-none-match": '"of its own"' } },
      ],
    },
  ),
  {
    name: "readBody",
    build: () => ({
      routes: { "/": async (event) => ({ read: ((await readBody(event)) as unknown) ?? "none" }) },
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
        "/": (event) => {
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
    name: "sendProxy and proxyRequest",
    volatile: ["keep-alive"],
    async build() {
      const upstream = await startUpstream();
      return {
        routes: {
          "/page": (event) => proxyRequest(event, `${upstream.url}/page`),
          "/gone": (event) => sendProxy(event, `${upstream.url}/gone`),
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
    name: "routers in routers",
    build: (kit) => {
      const inner = createRouter()
        .get(
          "/page",
          eventHandler((event) => kit.handle(event, () => "inner")),
        )
        .get(
          "/throw",
          eventHandler(() => {
            throw createError({ statusCode: 502, message: "inner" });
          }),
        );
      const based = useBase("/based", inner.handler);
      const web = fromWebHandler(
        async (request) => new Response(`web ${new URL(request.url).pathname}`),
      );
      return {
        routes: { "/based/**": (event) => based(event) as unknown, "/web": (event) => web(event) },
      };
    },
    requests: paths("/based/page", "/based/throw", "/based/none", "/web"),
  },
  ofNode("morgan", MADE.morgan),
  ofNode("compression", MADE.compression, { requests: withHeader("accept-encoding", "gzip") }),
  ofNode("helmet", MADE.helmet),
  ofNode("cors", MADE.cors, { requests: withHeader("origin", "https://a.example") }),
];

const ON_NODE = "h3 1 on Node";

function h3On(host: string, serve: (app: App) => object): Neighbour[] {
  return entries
    .filter(({ where }) => where === undefined || host === ON_NODE)
    .flatMap(({ places = PLACES, build, where: _where, ...rest }) =>
      places.map((place): Neighbour => ({
        ...rest,
        host,
        place,
        ...(host === ON_NODE ? {} : { headersOf: "the platform" }),
        async program(kit) {
          const { use = [], routes, close } = await build(kit);
          const app = createApp({ onError: (error) => kit.note(`error ${error.message}`) });
          if (place === "around our middleware") for (const each of use) app.use(each);
          if (kit.sessions) app.use(session(kit.sessions, host === ON_NODE ? {} : { app }));
          app.use(eventHandler((event) => kit.above(event)));
          if (place === "below our middleware") for (const each of use) app.use(each);
          const router = createRouter();
          for (const [path, page] of Object.entries(routes)) {
            router.use(
              path,
              eventHandler((event) => kit.handle(event, () => page(event))),
            );
          }
          app.use(router);
          return { ...serve(app), ...(close ? { close } : {}) } as never;
        },
      })),
    );
}

export const h31OnNode = h3On(ON_NODE, (app) => ({ server: createServer(toNodeListener(app)) }));

export const h31WithoutSocket = h3On("h3 1 without a socket", (app) => ({
  ask: askingOf(toWebHandler(app)),
}));
