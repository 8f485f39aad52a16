/** Rows that a request finds in a store of express-session, whoever has written them. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import dropIn, { MemoryStore } from "../../../src/adapters/express-session.ts";
import { events, serve } from "./app.ts";

const LAZY = { resave: false, saveUninitialized: false, rolling: true, secret: "a secret" };
const ID = "an-id";
const SIGNATURE = createHmac("sha256", "a secret").update(ID).digest("base64").replace(/=+$/, "");
const COOKIE = `connect.sid=${encodeURIComponent(`s:${ID}.${SIGNATURE}`)}`;

async function open(row: object) {
  const store = new MemoryStore();
  const { sessions } = store as unknown as { sessions: Record<string, string> };
  sessions[ID] = JSON.stringify(row);
  const app = await serve(dropIn({ ...LAZY, store }), {
    show: (bag, _req, res) => res.json({ ...bag, cookie: undefined }),
    put: (bag, _req, res) => {
      bag["more"] = 1;
      res.end();
    },
  });
  const kept = (): unknown => ({ ...(JSON.parse(String(sessions[ID])) as object), cookie: null });
  return { browser: app.browser(COOKIE), kept };
}

describe("L18: keys of a row that are names of the session object", () => {
  const data = { user: "ada", id: 7, touch: 1, req: 2, save: 3, constructor: 4, toString: 5 };

  it("they are not shown, and stay in the store through a read and a write", async () => {
    const { browser, kept } = await open({ ...data, cookie: { originalMaxAge: null } });
    const commits = events("commit");
    expect((await browser.get("show")).body).toBe('{"user":"ada"}');
    expect(commits).toMatchObject([{ reason: "touch" }]);
    expect(kept()).toEqual({ ...data, cookie: null });
    await browser.get("put");
    expect(kept()).toEqual({ ...data, more: 1, cookie: null });
  });
});

describe("L2: the cookie in a row", () => {
  it.each<unknown>([
    "oat",
    { maxAge: "x" },
    { originalMaxAge: "soon" },
    { originalMaxAge: 1e300 },
    { serialize: 1, toJSON: 2 },
    { sameSite: "oat", priority: 3, path: {}, domain: "a;b" },
  ])("%j has a wrong shape, which counts as none", async (cookie) => {
    const { browser } = await open({ user: "ada", cookie });
    expect(await browser.get("show")).toMatchObject({ status: 200, body: '{"user":"ada"}' });
    expect(await browser.get("put")).toMatchObject({ status: 200 });
    expect((await browser.get("show")).body).toBe('{"user":"ada","more":1}');
  });
});
