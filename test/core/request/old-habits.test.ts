import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Conn } from "../../../src/core/types.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { clock } from "../../support/clock.ts";
import { visit } from "../../support/visit.ts";

const misuse = expect.objectContaining({ code: "ERR_SESSION_USE" });
const store = tableStore({ table: createTable() });
const sessions = createSessions({ store, key: "__Host-session", now: clock().now });

/** One request without cookies, whose handler is the test. */
const within = (handler: (conn: Conn) => void): Promise<unknown> =>
  visit(sessions, undefined, handler);

describe("L20: old habits", () => {
  // What other libraries teach: made as code in sloppy mode, where a failing assignment is silent.
  const sloppy = (body: string): ((session: unknown) => unknown) =>
    // oxlint-disable-next-line typescript/no-implied-eval -- modules are always strict
    new Function("session", body) as (session: unknown) => unknown;

  it.each([
    ["a key", "session.user_id = 1"],
    ["a key that every object has", "session.toString = 1"],
    ["the cookie of express-session", "session.cookie = {}"],
    ["a key by a computed name", "session['user' + '_id'] = 1"],
    ["several keys", "Object.assign(session, { user_id: 1 })"],
    ["the handle", "session.handle = 'x'"],
    ["whether it is available", "session.available = true"],
    ["what connect-flash keeps", "session.flash = session.flash || {}"],
    ["a method", "session.put = null"],
  ])("an assignment to %s throws, in sloppy mode too", async (_, body) => {
    await within((conn) => {
      expect(() => sloppy(body)(sessions.of(conn))).toThrow(misuse);
      expect(sessions.getSession(conn)).toEqual({});
    });
  });

  it("the error of an assignment names the method that stores", async () => {
    await within((conn) => {
      expect(() => sloppy("session.user_id = 1")(sessions.of(conn))).toThrow(/put/);
    });
  });

  it("deleteSession without a key throws and names dropSession", async () => {
    await within((conn) => {
      const deleteSession = sessions.deleteSession as (conn: Conn) => void;
      expect(() => deleteSession(conn)).toThrow(misuse);
      expect(() => deleteSession(conn)).toThrow(/dropSession/);
    });
  });
});

describe("L20: old habits that do not assign", () => {
  type Any = Record<string, unknown>;
  const any = (conn: Conn): Any => sessions.of(conn) as unknown as Any;

  it.each(["user", "banned", "put"])(
    "delete session.%s throws and names dropSession",
    async (name) => {
      await within((conn) => {
        expect(() => delete any(conn)[name]).toThrow(misuse);
        expect(() => delete any(conn)[name]).toThrow(/dropSession/);
      });
    },
  );

  it.each([
    ["user", /get\("user"\)/],
    ["cookie", /configure/],
    ["destroy", /drop\(\)/],
    ["regenerate", /renew\(\)/],
    ["save", /committed/],
    ["reload", /anew/],
    ["isNew", /handle/],
    ["set", /put/],
  ])("reading session.%s throws and names our word", async (name, word) => {
    await within((conn) => {
      expect(() => any(conn)[name]).toThrow(misuse);
      expect(() => any(conn)[name]).toThrow(word);
    });
  });

  it("Object.defineProperty on a session throws", async () => {
    await within((conn) => {
      expect(() => Object.defineProperty(any(conn), "user", { value: 1 })).toThrow(misuse);
    });
  });

  it("a session looks like an empty object to keys, in and JSON, and warns once", async () => {
    const warnings: unknown[] = [];
    const note = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", note);
    await within((conn) => {
      sessions.putSession(conn, "a", 1);
      const session = any(conn);
      expect(Object.keys(session)).toEqual([]);
      expect(JSON.stringify(session)).toBe("{}");
      expect({ ...session }).toEqual({});
      expect("user" in session).toBe(false);
    });
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", note);
    expect(warnings.length).toBeLessThanOrEqual(1);
  });

  it("promises, inspection and test matchers may look at a session", async () => {
    await within((conn) => {
      const session = any(conn);
      expect(session["then"]).toBeUndefined();
      expect(session["toJSON"]).toBeUndefined();
      expect(session["views"]).toBeUndefined();
      expect(String(Symbol.toStringTag in session)).toBe("false");
      expect(inspect(session)).toMatch(/^Session \{ handle: /);
    });
    expect(
      await visit(sessions, undefined, async (conn) => sessions.of(conn) !== null),
    ).toBeTruthy();
  });

  it("a session is the same object by helper and by chaining", async () => {
    await within((conn) => {
      const session = sessions.of(conn);
      expect(session.put("a", 1)).toBe(session);
      expect(sessions.of(conn)).toBe(session);
      expect(session.get("a")).toBe(1);
    });
  });
});

describe("L20: a call that can never work", () => {
  it.each([
    ["a number for a key", (s: Loose) => s.put(1, "x")],
    ["a symbol for a key", (s: Loose) => s.put(Symbol("s"), "x")],
    ["null for a key", (s: Loose) => s.put(null, "x")],
    ["no key to put", (s: Loose) => s.put(undefined, "x")],
    ["undefined for a key to get", (s: Loose) => s.get(undefined)],
    ["an object for a key to get", (s: Loose) => s.get({})],
    ["an object of keys to put", (s: Loose) => s.put({ a: 1 })],
    ["no function to update with", (s: Loose) => s.update("a", 1)],
    ["no key for a message", (s: Loose) => s.flash()],
    ["a setting that does not exist", (s: Loose) => s.configure("maxAge", 1)],
    ["a setting that every object has", (s: Loose) => s.configure("constructor", true)],
    ["a verb that is neither true nor false", (s: Loose) => s.configure("drop", "yes")],
    ["a verb without a value", (s: Loose) => s.configure("renew")],
    [
      "an attribute that browsers drop the cookie for",
      (s: Loose) => s.configure("sameSite", "none").configure("secure", false),
    ],
    ["a path with a semicolon", (s: Loose) => s.configure("path", "/;")],
    ["a domain with a line feed", (s: Loose) => s.configure("domain", "a\r\nb")],
  ])("a call with %s throws and leaves the session empty", async (_, call) => {
    await within((conn) => {
      expect(() => call(sessions.of(conn) as unknown as Loose)).toThrow(misuse);
      expect(sessions.getSession(conn)).toEqual({});
    });
  });

  it.each([undefined, null, 1, "req", {}, { headers: {} }])(
    "a helper with %j throws, because no middleware has seen that",
    (conn) => {
      const notFetched = expect.objectContaining({ code: "ERR_SESSION_NOT_FETCHED" });
      expect(() => sessions.getSession(conn as unknown as Conn)).toThrow(notFetched);
      expect(() => sessions.of(conn as unknown as Conn)).toThrow(notFetched);
    },
  );
});

interface Loose {
  get(...args: unknown[]): unknown;
  put(...args: unknown[]): Loose;
  update(...args: unknown[]): Loose;
  flash(...args: unknown[]): unknown;
  configure(...args: unknown[]): Loose;
}
