/** L16: a cache between the middleware and the handler keeps no page that was made with a session. */
import { Hono } from "hono";
import { cache } from "hono/cache";
import { expect, test } from "vitest";
import { session } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { leaks } from "../support/leaks.ts";

/** The Cache API in memory, as Deno and workerd have it: what hono/cache keeps its answers in. */
class MemoryCaches {
  readonly kept = new Map<string, Response>();
  open = async () => ({
    match: async (key: string | Request) => this.kept.get(urlOf(key))?.clone(),
    put: async (key: string | Request, response: Response) =>
      void this.kept.set(urlOf(key), response),
  });
}

function urlOf(key: string | Request): string {
  return typeof key === "string" ? key : key.url;
}

test("L16: hono/cache below the middleware keeps no page that looked at the session", async () => {
  const caches = new MemoryCaches();
  Object.assign(globalThis, { caches });
  const sessions = createSessions<{ user: string }>({
    store: tableStore({ table: createTable() }),
    key: "sid",
  });
  const app = new Hono().use(session(sessions));
  app.get("/login", (c) => {
    sessions.putSession(c, "user", "ann");
    return c.text("in");
  });
  app.use(cache({ cacheName: "pages", cacheControl: "max-age=60", wait: true }));
  app.get("/hello", (c) => c.text(`hello ${sessions.getSession(c, "user") ?? "nobody"}`));
  app.get("/about", (c) => c.text("about"));

  const [cookie = ""] =
    (await app.request("/login")).headers.getSetCookie()[0]?.split(";", 1) ?? [];
  leaks.confideCookie(cookie.slice("sid=".length));
  const text = async (path: string, headers = {}) =>
    (await app.request(`http://localhost${path}`, { headers })).text();
  expect(await text("/hello", { cookie })).toBe("hello ann");
  expect(await text("/hello")).toBe("hello nobody");
  // The same cache keeps a page for which nobody looked: the test sees it at work.
  await text("/about");
  expect(
    [...caches.kept.keys()].filter((key) => decodeURIComponent(key).includes("/about")),
  ).toHaveLength(1);
  expect(
    [...caches.kept.keys()].filter((key) => decodeURIComponent(key).includes("/hello")),
  ).toHaveLength(0);
});
