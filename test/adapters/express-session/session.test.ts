import type { RequestHandler } from "express";
import { describe, expect, it } from "vitest";
import dropIn, { MemoryStore } from "../../../src/adapters/express-session.ts";
import type { Options } from "../../../src/adapters/express-session.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { SECRET } from "../../support/secrets.ts";
import { serve } from "./app.ts";
import type { Handler } from "./app.ts";

const STORES: readonly (readonly [name: string, options: () => Options])[] = [
  ["a store of express-session", () => ({ secret: "a secret", store: new MemoryStore() })],
  ["a table store", () => ({ store: tableStore({ table: createTable() }) })],
  ["a cookie store", () => ({ store: cookieStore({ secret: SECRET }) })],
];

const LAZY = { resave: false, saveUninitialized: false };

function middleware(options: Options): RequestHandler {
  return dropIn({ ...LAZY, ...options });
}

const SHOW: Handler = (bag, _req, res) => res.json({ ...bag, cookie: undefined });

describe.each(STORES)("the drop-in for express-session, with %s", (name, options) => {
  it("what is assigned, edited deep inside and deleted is there in the next request", async () => {
    const app = await serve(middleware(options()), {
      put: (bag, _req, res) => {
        const cart: string[] = [];
        bag["cart"] = cart;
        bag["user"] = "ada";
        cart.push("apple");
        res.end();
      },
      edit: (bag, _req, res) => {
        (bag["cart"] as string[]).push("pear");
        delete bag["user"];
        res.end();
      },
      show: SHOW,
    });
    const browser = app.browser();
    await browser.get("put");
    expect(JSON.parse((await browser.get("show")).body)).toEqual({ cart: ["apple"], user: "ada" });
    await browser.get("edit");
    expect(JSON.parse((await browser.get("show")).body)).toEqual({ cart: ["apple", "pear"] });
  });

  it("L13: a request that puts nothing gets no cookie", async () => {
    const app = await serve(middleware(options()), { show: SHOW });
    expect((await app.browser().get("show")).cookies).toEqual([]);
  });

  it("L4: regenerate gives another id and an empty session, and ends the one before", async () => {
    const app = await serve(middleware(options()), {
      put: (bag, req, res) => {
        bag["cart"] = ["apple"];
        res.send(req.sessionID);
      },
      login: async (bag, req, res) => {
        await bag.regenerate();
        (req as unknown as { session: Record<string, unknown> }).session["user"] = "ada";
        res.send(req.sessionID);
      },
      show: SHOW,
    });
    const browser = app.browser();
    const { body: before } = await browser.get("put");
    const copy = app.browser(browser.cookie);
    const { body: after } = await browser.get("login");
    expect(after).not.toBe(before);
    expect(JSON.parse((await browser.get("show")).body)).toEqual({ user: "ada" });
    if (name === "a cookie store") return; // A copy of a sealed cookie lives until its deadline.
    expect((await copy.get("show")).body).toBe("{}");
  });

  it("L7: destroy ends the session and clears its cookie", async () => {
    const app = await serve(middleware(options()), {
      put: (bag, _req, res) => {
        bag["user"] = "ada";
        res.end();
      },
      out: (bag, req, res, next) =>
        bag.destroy((error) => (error ? next(error) : res.send(String("session" in req)))),
      show: SHOW,
    });
    const browser = app.browser();
    await browser.get("put");
    const answer = await browser.get("out");
    expect(answer.body).toBe("false");
    expect(answer.cookies).toEqual([
      expect.stringMatching(/^connect\.sid=; Path=\/; Expires=Thu, 01 Jan 1970/),
    ]);
    expect((await browser.get("show")).body).toBe("{}");
  });

  it("L18: what JSON cannot keep is an error, and the answer is not sent", async () => {
    const app = await serve(middleware(options()), {
      put: (bag, _req, res) => {
        bag["big"] = 1n;
        res.send("stored");
      },
    });
    const answer = await app.browser().get("put");
    expect(answer).toMatchObject({
      status: 500,
      body: "ERR_SESSION_NOT_SERIALIZABLE",
      cookies: [],
    });
  });

  it("the id of a session is there before its first commit, and stays", async () => {
    const app = await serve(middleware(options()), {
      put: (bag, req, res) => {
        bag["n"] = 1;
        res.send(req.sessionID);
      },
      show: (bag, req, res) => res.send(`${bag.id} ${req.sessionID}`),
    });
    const browser = app.browser();
    const { body: id } = await browser.get("put");
    expect(id.length).toBeGreaterThan(20);
    expect((await browser.get("show")).body).toBe(`${id} ${id}`);
  });

  it("a session may have a cookie that lives longer than those of the others", async () => {
    const app = await serve(middleware(options()), {
      remember: (bag, _req, res) => {
        bag.cookie.maxAge = 30 * 24 * 3600_000;
        bag["user"] = "ada";
        res.end();
      },
      show: (bag, _req, res) => res.send(String(Math.round(Number(bag.cookie.maxAge) / 3600_000))),
    });
    const browser = app.browser();
    const { cookies } = await browser.get("remember");
    expect(cookies[0]).toMatch(/; Expires=/);
    expect((await browser.get("show")).body).toBe("720");
  });

  it("a cookie that only stands in req.cookies, as without a socket, opens the session", async () => {
    const inner = middleware(options());
    const hidden: RequestHandler = (req, res, next) => {
      const [, value] = /^connect\.sid=(.*)$/.exec(req.headers.cookie ?? "") ?? [];
      req.headers.cookie = undefined;
      const parsed = value === undefined ? {} : { "connect.sid": decodeURIComponent(value) };
      Object.assign(req, { cookies: parsed });
      inner(req, res, next);
    };
    const app = await serve(hidden, {
      put: (bag, _req, res) => {
        bag["user"] = "ada";
        res.end();
      },
      show: SHOW,
    });
    const browser = app.browser();
    await browser.get("put");
    expect(JSON.parse((await browser.get("show")).body)).toEqual({ user: "ada" });
  });
});

describe("L2: a row of a store of express-session that has no cookie", () => {
  it("the request fails, as with express-session, and the row stays", async () => {
    const store = new MemoryStore();
    const app = await serve(middleware({ secret: "a secret", store }), {
      put: (bag, req, res) => {
        bag["user"] = "ada";
        res.send(req.sessionID);
      },
      show: SHOW,
    });
    const browser = app.browser();
    const { body: id } = await browser.get("put");
    const { sessions } = store as unknown as { sessions: Record<string, string> };
    sessions[id] = JSON.stringify({ user: "ada" });
    expect(await browser.get("show")).toMatchObject({ status: 500, body: "ERR_SESSION_STORE" });
    expect(sessions[id]).toBe(JSON.stringify({ user: "ada" }));
  });
});
