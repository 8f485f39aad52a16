/** L16: a cache between the middleware and the handler keeps no page that was made with a session. */
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import express from "express";
import { Hono } from "hono";
import { cache } from "hono/cache";
import { expect, test } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Conn } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { start } from "../contracts/hosts/world.ts";
import { leaks } from "../support/leaks.ts";
import { MemoryCaches } from "../neighbours/support/memory-caches.ts";
import { load } from "../tools/load.mjs";

interface Cached {
  /** What a visitor is told: with the cookie of ann, or without one. */
  readonly text: (path: string, user?: "ann") => Promise<string>;
  /** How many answers the cache has kept for a path. */
  readonly kept: (path: string) => number;
}

/** An application of Hono whose routes stand below a cache, and that below our middleware. */
async function cachedHono(
  routes: (app: Hono, name: (conn: Conn) => string) => void,
): Promise<Cached> {
  const caches = new MemoryCaches();
  Object.assign(globalThis, { caches });
  const sessions = createSessions<{ user: string }>({
    store: tableStore({ table: createTable() }),
    key: "sid",
  });
  const app = new Hono();
  app.use(session(sessions));
  app.get("/login", (c) => {
    sessions.putSession(c, "user", "ann");
    return c.text("in");
  });
  app.use(cache({ cacheName: "pages", cacheControl: "max-age=60", wait: true }));
  routes(app, (conn) => sessions.getSession(conn, "user") ?? "nobody");
  const [cookie = ""] =
    (await app.request("/login")).headers.getSetCookie()[0]?.split(";", 1) ?? [];
  leaks.confideCookie(cookie.slice("sid=".length));
  return {
    async text(path, user) {
      const headers = user && { cookie };
      return (await app.request(`http://localhost${path}`, { headers: headers ?? {} })).text();
    },
    kept: (path) =>
      [...caches.kept.keys()].filter((key) => decodeURIComponent(key).includes(path)).length,
  };
}

test("L16: hono/cache below the middleware keeps no page that looked at the session", async () => {
  const { text, kept } = await cachedHono((app, name) => {
    app.get("/hello", (c) => c.text(`hello ${name(c)}`));
    app.get("/about", (c) => c.text("about"));
  });
  expect(await text("/hello", "ann")).toBe("hello ann");
  expect(await text("/hello")).toBe("hello nobody");
  // The same cache keeps a page for which nobody looked: the test sees it at work.
  await text("/about");
  expect(kept("/about")).toBe(1);
  expect(kept("/hello")).toBe(0);
});

test("L16: hono/cache keeps no Response that a handler made itself after its look", async () => {
  const { text, kept } = await cachedHono((app, name) => {
    app.get("/raw", (c) => new Response(`hello ${name(c)}`));
  });
  expect(await text("/raw", "ann")).toBe("hello ann");
  expect(await text("/raw")).toBe("hello nobody");
  expect(kept("/raw")).toBe(0);
});

test("L16: hono/cache keeps no page of a middleware that looked before the handler answered", async () => {
  const { text, kept } = await cachedHono((app, name) => {
    app.use("/below", async (c, next) => {
      await next();
      c.res = new Response(`${await c.res.text()} ${name(c)}`);
    });
    app.get("/below", () => new Response("hello"));
  });
  expect(await text("/below", "ann")).toBe("hello ann");
  expect(await text("/below")).toBe("hello nobody");
  expect(kept("/below")).toBe(0);
});

test("L16: what an outer middleware and the handler say about caches stays on Hono", async () => {
  const sessions = createSessions({ store: tableStore({ table: createTable() }), key: "sid" });
  const app = new Hono();
  app.use(async (c, next) => {
    c.header("Vary", "Origin");
    await next();
  });
  app.use(session(sessions));
  app.get("/text", (c) => {
    c.header("Cache-Control", "max-age=5");
    sessions.getSession(c);
    return c.text("page");
  });
  app.get("/raw", (c) => {
    sessions.getSession(c);
    return new Response("page", { headers: { Vary: "Accept", "Cache-Control": "max-age=5" } });
  });
  const cacheHeaders = async (path: string) => {
    const { headers } = await app.request(path);
    return [headers.get("Vary"), headers.get("Cache-Control")];
  };
  expect(await cacheHeaders("/text")).toEqual(["Origin, Cookie", "max-age=5"]);
  expect(await cacheHeaders("/raw")).toEqual(["Accept, Cookie", "max-age=5"]);
});

/** What apicache is told, since it reads no header: which answers it may keep. */
const isForAll = (_req: unknown, res: { getHeader(name: string): unknown }): boolean =>
  !/\bcookie\b/i.test(String(res.getHeader("Vary") ?? ""));

test("L16: apicache below the middleware keeps no page that looked, if it is told to read Vary", async () => {
  const apicache = (await load("apicache")) as { readonly default: Apicache };
  const keep = apicache.default.newInstance().middleware("1 minute", isForAll);
  const sessions = createSessions<{ user: string }>({
    store: tableStore({ table: createTable() }),
    key: "sid",
  });
  let abouts = 0;
  const app = express().use(expressSession(sessions));
  app.get("/login", (req, res) => {
    sessions.putSession(req, "user", String(req.query["u"]));
    res.send("in");
  });
  app.get("/hello", keep, (req, res) => res.send(`hello ${sessions.getSession(req, "user")}`));
  app.get("/pieces", keep, (req, res) => {
    const user = sessions.getSession(req, "user");
    res.write("hello ");
    res.end(user);
  });
  app.get("/about", keep, (_req, res) => res.send(`about ${++abouts}`));
  const { browser } = await start(createServer(app as unknown as RequestListener));
  const [ada, bob] = [browser(), browser()];
  await ada.get("/login?u=ada");
  await bob.get("/login?u=bob");
  for (const path of ["/hello", "/pieces", "/hello", "/pieces"]) {
    expect((await ada.get(path)).body).toBe("hello ada");
    expect((await bob.get(path)).body).toBe("hello bob");
  }
  expect((await ada.get("/about")).body).toBe("about 1");
  expect((await bob.get("/about")).body).toBe("about 1");
});

interface Apicache {
  newInstance(): Apicache;
  middleware(duration: string, toggle: typeof isForAll): express.Handler;
}
