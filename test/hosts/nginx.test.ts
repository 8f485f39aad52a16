/** L16: a real nginx as a shared cache. Nobody gets a page that was made for somebody else. */
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import type { Context } from "hono";
import { stream } from "hono/streaming";
import { toNodeHandler } from "srvx/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as fetchSession } from "../../src/adapters/fetch.ts";
import { session as honoSession } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { CookieJar } from "../support/cookie-jar.ts";
import { SECRET } from "../support/secrets.ts";
import { nginxProgram, startNginx } from "../support/servers/nginx.ts";
import type { SharedCache } from "../support/servers/nginx.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { load } from "../tools/load.mjs";

/** What these tests use of React, which comes without types. */
interface React {
  readonly Suspense: unknown;
  createElement(type: unknown, properties?: object | null, ...children: unknown[]): unknown;
  use(promise: Promise<unknown>): void;
}

interface ReactServer {
  renderToPipeableStream(
    page: unknown,
    options: { onShellReady(): void },
  ): { pipe(to: unknown): void };
  renderToReadableStream(page: unknown): Promise<ReadableStream>;
}

interface Data {
  readonly user: string;
  readonly visits: number;
}

/** The worst of applications: it tells all caches on the way to keep the page. */
const KEEP = {
  "CDN-Cache-Control": "public, max-age=600",
  "Surrogate-Control": "max-age=600",
  "X-Accel-Expires": "600",
};

const nameOf = (sessions: Sessions<Data>, conn: Conn): string =>
  sessions.getSession(conn, "user") ?? "nobody";

/** A page that React streams: the shell first, then what it has waited for. */
async function reactPage(name: () => string): Promise<unknown> {
  const { Suspense, createElement, use } = (await load("react")) as React;
  const waiting = later(20);
  const Name = (): string => {
    use(waiting);
    return `hello ${name()}`;
  };
  return createElement(
    "main",
    null,
    createElement(Suspense, { fallback: "…" }, createElement(Name)),
  );
}

type Start = (sessions: Sessions<Data>) => Promise<Server> | Server;

const onExpress: Start = (sessions) => {
  const app = express().set("env", "test").use(expressSession(sessions));
  const name = (conn: Conn): string => nameOf(sessions, conn);
  app.get("/login", (req, res) => {
    sessions.putSession(req, "user", String(req.query["u"]));
    res.send("in");
  });
  app.use("/above", (req, _res, next) => (name(req), next()));
  app.get("/above", (req, res) => res.send(`hello ${name(req)}`));
  app.get("/inside", (req, res) => res.send(`hello ${name(req)}`));
  app.get("/late", async (req, res) => {
    res.write("hello ");
    await later(20);
    res.end(name(req));
  });
  app.get("/react", async (req, res) => {
    const { renderToPipeableStream } = (await load("react-dom/server")) as ReactServer;
    const { pipe } = renderToPipeableStream(await reactPage(() => name(req)), {
      onShellReady: () => pipe(res),
    });
  });
  app.get("/kept", (req, res) => res.set(KEEP).send(`hello ${name(req)}`));
  app.get("/kept/late", async (req, res) => {
    res.set(KEEP).write("hello ");
    await later(20);
    res.end(name(req));
  });
  app.get("/written", (req, res) => {
    sessions.updateSession(req, "visits", (visits = 0) => visits + 1);
    sessions.renewSession(req);
    res.set({ ...KEEP, "Cache-Control": "public, max-age=600" }).send(`hello ${name(req)}`);
  });
  app.get("/missing", (req, res) => res.status(404).send(`hello ${name(req)}`));
  app.get("/thrown", (req) => {
    throw new Error(`hello ${name(req)}`);
  });
  app.get("/about", (_req, res) => res.send("about"));
  app.use((error: Error, _req: express.Request, res: express.Response, _next: unknown) => {
    res.status(500).send(error.message);
  });
  return createServer(app as unknown as RequestListener);
};

const onHono: Start = (sessions) => {
  const app = new Hono().use(honoSession(sessions));
  const name = (conn: Conn): string => nameOf(sessions, conn);
  app.get("/login", (c) => {
    sessions.putSession(c, "user", c.req.query("u") ?? "");
    return c.text("in");
  });
  app.use("/above", (c, next) => (name(c), next()));
  app.get("/above", (c) => c.text(`hello ${name(c)}`));
  app.get("/inside", (c) => new Response(`hello ${name(c)}`));
  const late = (c: Context): Response =>
    stream(c, async (to) => {
      await to.write("hello ");
      await later(20);
      await to.write(name(c));
    });
  app.get("/late", late);
  app.get("/react", async (c) => c.body(await reactStream(() => name(c))));
  app.get("/kept", (c) => c.text(`hello ${name(c)}`, 200, KEEP));
  app.get("/kept/late", (c) => {
    for (const [header, value] of Object.entries(KEEP)) c.header(header, value);
    return late(c);
  });
  app.get("/written", (c) => {
    sessions.updateSession(c, "visits", (visits = 0) => visits + 1);
    sessions.renewSession(c);
    return c.text(`hello ${name(c)}`, 200, { ...KEEP, "Cache-Control": "public, max-age=600" });
  });
  app.get("/missing", (c) => c.text(`hello ${name(c)}`, 404));
  app.get("/thrown", (c) => {
    throw new Error(`hello ${name(c)}`);
  });
  app.get("/about", (c) => c.text("about"));
  app.onError((error) => new Response(error.message, { status: 500 }));
  const listener = getRequestListener(app.fetch);
  return createServer((req, res) => void listener(req, res));
};

const onFetch: Start = (sessions) => {
  const name = (conn: Conn): string => nameOf(sessions, conn);
  const late = (request: Request, headers = {}): Response => {
    const { readable, writable } = new TransformStream<string, string>();
    const writer = writable.getWriter();
    void writer
      .write("hello ")
      .then(() => later(20))
      .then(() => writer.write(name(request)))
      .then(() => writer.close())
      .catch(() => {}); // The client wants no more.
    return new Response(readable.pipeThrough(new TextEncoderStream()), { headers });
  };
  const pages: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
    "/login"(request) {
      sessions.putSession(request, "user", new URL(request.url).searchParams.get("u") ?? "");
      return new Response("in");
    },
    "/above": (request) => new Response(`hello ${(name(request), name(request))}`),
    "/inside": (request) => new Response(`hello ${name(request)}`),
    "/late": (request) => late(request),
    "/react": async (request) => new Response(await reactStream(() => name(request))),
    "/kept": (request) => new Response(`hello ${name(request)}`, { headers: KEEP }),
    "/kept/late": (request) => late(request, KEEP),
    "/written"(request) {
      sessions.updateSession(request, "visits", (visits = 0) => visits + 1);
      sessions.renewSession(request);
      const headers = { ...KEEP, "Cache-Control": "public, max-age=600" };
      return new Response(`hello ${name(request)}`, { headers });
    },
    "/missing": (request) => new Response(`hello ${name(request)}`, { status: 404 }),
    "/thrown"(request) {
      throw new Error(`hello ${name(request)}`);
    },
  };
  const handler = fetchSession(
    sessions,
    (request) => pages[new URL(request.url).pathname]?.(request) ?? new Response("about"),
    { onError: (error) => new Response((error as Error).message, { status: 500 }) },
  );
  return createServer(toNodeHandler(handler) as RequestListener);
};

async function reactStream(name: () => string): Promise<ReadableStream> {
  const { renderToReadableStream } = (await load("react-dom/server")) as ReactServer;
  return renderToReadableStream(await reactPage(name));
}

const hosts = [
  ["Express", onExpress],
  ["Hono", onHono],
  ["Fetch", onFetch],
] as const;

const stores = [
  ["a sealed cookie", () => cookieStore({ secret: SECRET })],
  ["a table that answers later", () => tableStore({ table: new AsyncTable(createTable()) })],
] as const;

/** Then `Cache-Control` is all that protects a page, and what wins over it is the handler's own word. */
const BLIND = "proxy_ignore_headers Set-Cookie Vary;";

/** What an operator writes: nothing, so that the answers decide; or that all is kept of which they say nothing. */
const settings = [
  ["as the answers say", ""],
  ["and every 200 for ten minutes", "proxy_cache_valid 200 10m;"],
  ["and everything for ten minutes", "proxy_cache_valid any 10m;"],
  ["and every 200, whatever cookie and Vary it has", `${BLIND} proxy_cache_valid 200 10m;`],
] as const;

describe.skipIf(!nginxProgram)("L16: nginx as a shared cache", () => {
  describe.each(settings)("it keeps answers %s", (_setting, keep) => {
    describe.each(hosts)("%s", (_host, build) => {
      describe.each(stores)("with %s", (_store, makeStore) => {
        let server: Server;
        let cache: SharedCache;

        beforeAll(async () => {
          const sessions = createSessions<Data>({ store: makeStore(), key: "sid" });
          server = await build(sessions);
          await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
          cache = await startNginx((server.address() as AddressInfo).port, keep);
        });
        afterAll(async () => {
          await cache.stop();
          server.closeAllConnections();
          await new Promise((done) => server.close(done));
        });

        /** Somebody who asks through the cache. */
        async function visitor(user?: string): Promise<Ask> {
          const jar = new CookieJar(Date.now);
          const ask: Ask = async (path, init = {}) => {
            const headers = { ...init.headers, ...(jar.header && { cookie: jar.header }) };
            const response = await fetch(`${cache.url}${path}`, { ...init, headers });
            jar.take(response.headers.getSetCookie());
            return response;
          };
          if (user !== undefined) await ask(`/login?u=${user}&once=${Math.random()}`);
          return ask;
        }

        const pages = ["/above", "/inside", "/late", "/react", "/written", "/missing", "/thrown"];
        const asked = keep.includes(BLIND) ? [] : ["/kept", "/kept/late"];

        test.each([...pages, ...asked])(
          "%s is seen by the user for whom it was made",
          async (path) => {
            const [ada, bob, nobody] = [
              await visitor("ada"),
              await visitor("bob"),
              await visitor(),
            ];
            for (const method of ["GET", "HEAD", "GET"]) {
              for (const [ask, name] of [
                [ada, "ada"],
                [bob, "bob"],
              ] as const) {
                const text = await (await ask(path, { method })).text();
                expect(text.replaceAll(/<.*?>/g, "")).toContain(method === "HEAD" ? "" : name);
                expect(text).not.toContain(name === "ada" ? "bob" : "ada");
              }
            }
            expect(await (await nobody(path)).text()).not.toMatch(/ada|bob/);
          },
        );

        test("an ETag of one user's page opens no other's", async () => {
          const [ada, bob] = [await visitor("ada"), await visitor("bob")];
          const first = await ada("/inside");
          const headers = { "If-None-Match": first.headers.get("etag") ?? '"none"' };
          expect(await (await bob("/inside", { headers })).text()).toBe("hello bob");
          expect(await (await ada("/inside")).text()).toBe("hello ada");
        });

        test("a page that looks at no session is kept for all, if an operator or the page says so", async () => {
          const asks = [await visitor("ada"), await visitor("bob"), await visitor()];
          const seen = [];
          for (const ask of asks) seen.push((await ask("/about")).headers.get("x-cache"));
          expect(seen).toEqual(["MISS", keep ? "HIT" : "MISS", keep ? "HIT" : "MISS"]);
        });
      });
    });
  });
});

type Ask = (
  path: string,
  init?: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Response>;
