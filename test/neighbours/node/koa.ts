/** Neighbours on Koa. */
import { fileURLToPath } from "node:url";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import Koa from "koa";
import type { Context, Middleware } from "koa";
import { session } from "../../../src/adapters/koa.ts";
import { OWN_ONLY_WHERE_NONE } from "../express/host.ts";
import type { Kit, Neighbour } from "../neighbour.ts";
import { JSON_BODIES } from "../support/json-bodies.ts";
import { load } from "../support/packages.ts";

const files = fileURLToPath(new URL("../files/", import.meta.url));

type Route = (ctx: Context) => unknown;

interface KoaEntry extends Pick<Neighbour, "name" | "package" | "requests" | "known"> {
  /** Default: both. */
  readonly places?: readonly Place[];
  readonly build: (kit: Kit) => Promise<KoaParts> | KoaParts;
}

type Place = (typeof PLACES)[number];
const PLACES = ["below our middleware", "around our middleware"] as const;

interface KoaParts {
  readonly use?: readonly Middleware[];
  readonly routes: Readonly<Record<string, Route>>;
}

const paths = (...list: readonly string[]) => list.map((path) => ({ path }));

/** Pages of different kinds, for what changes answers. */
const pages: Readonly<Record<string, Route>> = {
  "/text": (ctx) => (ctx.body = "long ".repeat(500)),
  "/json": (ctx) => {
    ctx.status = 201;
    ctx.body = { n: 1 };
  },
  "/stream": (ctx) => (ctx.body = Readable.from(["one ", "two ".repeat(500)])),
  "/empty": (ctx) => (ctx.status = 204),
  "/redirect": (ctx) => ctx.redirect("/text"),
  "/throw": (ctx) => ctx.throw(418, "thrown"),
  "/late": async (ctx) => {
    await new Promise((done) => setImmediate(done));
    ctx.body = Buffer.from("late");
  },
};
const allPages = paths(...Object.keys(pages), "/none");

const entries: readonly KoaEntry[] = [
  { name: "Koa's own answers", build: () => ({ routes: pages }), requests: allPages },
  {
    name: "koa-compress",
    package: "koa-compress",
    async build() {
      const compress = await load<(options: object) => Middleware>("koa-compress");
      return { use: [compress({ threshold: 100, br: false })], routes: pages };
    },
    requests: allPages.map((ask) => ({ ...ask, headers: { "accept-encoding": "gzip" } })),
  },
  {
    name: "koa-helmet",
    package: "koa-helmet",
    async build() {
      const helmet = await load<() => Middleware>("koa-helmet");
      return { use: [helmet()], routes: pages };
    },
    requests: allPages,
  },
  {
    name: "koa-conditional-get and koa-etag",
    package: "koa-etag",
    async build() {
      const conditional = await load<() => Middleware>("koa-conditional-get");
      const etag = await load<() => Middleware>("koa-etag");
      return { use: [conditional(), etag()], routes: pages };
    },
    requests: [
      ...allPages,
      (before) => {
        const etag = before[0]?.headers.find(([name]) => name === "ETag")?.[1] ?? "";
        return { path: "/text", headers: { "if-none-match": etag } };
      },
    ],
  },
  {
    name: "koa-static",
    package: "koa-static",
    async build(kit) {
      const serve = await load<(root: string, options?: object) => Middleware>("koa-static");
      const found = serve(files, { maxage: 1000 });
      return {
        use: [(ctx, next) => kit.handle(ctx, () => found(ctx, next)) as Promise<unknown>],
        routes: {},
      };
    },
    places: ["below our middleware"],
    known: OWN_ONLY_WHERE_NONE,
    requests: [
      { path: "/page.txt" },
      { path: "/page.txt", method: "HEAD" },
      { path: "/sub/" },
      { path: "/none.txt" },
    ],
  },
  {
    name: "koa-body",
    package: "koa-body",
    async build() {
      const koaBody = await load<(options?: object) => Middleware>("koa-body");
      return {
        use: [koaBody({ jsonLimit: 100 })],
        routes: {
          "/": (ctx) => (ctx.body = (ctx.request as { readonly body?: unknown }).body ?? "none"),
        },
      };
    },
    requests: [
      ...JSON_BODIES,
      {
        path: "/",
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "a=1",
      },
    ],
  },
];

export const koa: readonly Neighbour[] = entries.flatMap((entry) =>
  (entry.places ?? PLACES).map((place) => neighbourOf(entry, place)),
);

function neighbourOf({ build, ...rest }: KoaEntry, place: Place): Neighbour {
  return {
    ...rest,
    host: "Koa 3",
    place,
    async program(kit) {
      const { use = [], routes } = await build(kit);
      const above: Middleware = (ctx, next) => {
        kit.above(ctx);
        return next();
      };
      const app = new Koa();
      app.silent = true;
      app.on("error", (error: Error) => kit.note(`error ${error.message}`));
      const add = (each: Middleware): void => void app.use(each);
      const ours = (): void => {
        if (kit.sessions) app.use(session(kit.sessions));
        app.use(above);
      };
      if (place === "around our middleware") use.forEach(add);
      ours();
      if (place === "below our middleware") use.forEach(add);
      app.use((ctx) => {
        const route = routes[ctx.path];
        return route && kit.handle(ctx, () => route(ctx));
      });
      return { server: createServer((req, res) => void app.callback()(req, res)) };
    },
  };
}
