/** What the page of hosts says about hono/etag: where it stands decides whether a 304 carries the cookie. */
import { Hono } from "hono";
import { RETAINED_304_HEADERS, etag } from "hono/etag";
import type { MiddlewareHandler } from "hono";
import { expect, test } from "vitest";
import { session } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { SECRET } from "../support/secrets.ts";

/** The cookies of a 304 to a request that has written to its session. */
async function cookiesOf304(
  middleware: (ours: MiddlewareHandler) => readonly MiddlewareHandler[],
): Promise<readonly string[]> {
  const sessions = createSessions<{ n: number }>({
    store: cookieStore({ secret: SECRET }),
    key: "sid",
  });
  const app = new Hono();
  for (const each of middleware(session(sessions))) app.use(each);
  app.get("/", (c) => {
    sessions.updateSession(c, "n", (n = 0) => n + 1);
    return c.text("the same page");
  });
  const tag = (await app.request("/")).headers.get("ETag") ?? "";
  const second = await app.request("/", { headers: { "If-None-Match": tag } });
  expect(second.status).toBe(304);
  return second.headers.getSetCookie().map((cookie) => cookie.slice(0, "sid=".length));
}

test("a 304 of hono/etag below the middleware carries the cookie", async () => {
  expect(await cookiesOf304((ours) => [ours, etag()])).toEqual(["sid="]);
});

test("a 304 of hono/etag above the middleware carries the cookie only if etag is told to keep it", async () => {
  expect(await cookiesOf304((ours) => [etag(), ours])).toEqual([]);
  const retainedHeaders = [...RETAINED_304_HEADERS, "Set-Cookie"];
  expect(await cookiesOf304((ours) => [etag({ retainedHeaders }), ours])).toEqual(["sid="]);
});
