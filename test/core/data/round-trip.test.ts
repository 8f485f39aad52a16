import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { SessionError } from "../../../src/core/errors.ts";
import { objectOf, storable } from "../../support/arbitraries.ts";
import { Browser } from "../../support/browser.ts";
import { canonical } from "../../support/canonical.ts";
import { clock } from "../../support/clock.ts";
import { STORES } from "../../support/stores.ts";

describe.each(STORES)("L18: what you put into %s is what you get", (_, make) => {
  const { now } = clock();
  const sessions = createSessions({ store: make(), key: "session", now });

  /** Puts in one request and reads in the next. */
  async function putThenGet(key: string, value: unknown): Promise<unknown> {
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => sessions.putSession(conn, key, value));
    return (await browser.visit((conn) => sessions.getSession(conn, key))).result;
  }

  it("any value that can be stored comes back", async () => {
    await fc.assert(
      fc.asyncProperty(storable(), async (value) => {
        expect(canonical(await putThenGet("key", value))).toBe(canonical(value));
      }),
    );
  });

  it("any keys come back, all of them at once", async () => {
    await fc.assert(
      fc.asyncProperty(objectOf(storable()), async (data) => {
        const browser = new Browser(sessions, now);
        await browser.visit((conn) => {
          for (const [key, value] of Object.entries(data)) sessions.putSession(conn, key, value);
        });
        const { result } = await browser.visit((conn) => sessions.getSession(conn));
        const sorted = (bag: object): unknown =>
          Object.entries(bag).sort(([a], [b]) => (a < b ? -1 : 1));
        expect(canonical(sorted(result))).toBe(canonical(sorted(data)));
        expect("admin" in {}).toBe(false);
      }),
    );
  });

  it("messages come back", async () => {
    await fc.assert(
      fc.asyncProperty(storable(), async (value) => {
        const browser = new Browser(sessions, now);
        await browser.visit((conn) => sessions.of(conn).flash("note", value));
        const { result } = await browser.visit((conn) => sessions.of(conn).flash("note"));
        expect(canonical(result)).toBe(canonical(value));
        const again = await browser.visit((conn) => sessions.of(conn).flash("note"));
        expect(again.result).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it("one stored value replaces another, however alike they are", async () => {
    const pairs: (readonly [before: unknown, after: unknown])[] = [
      [0, -0],
      [[undefined], [null]],
      [new Set([1, 2]), new Set([2, 1])],
      [
        new Map([
          [1, 1],
          [2, 2],
        ]),
        new Map([
          [2, 2],
          [1, 1],
        ]),
      ],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ];
    for (const [before, after] of pairs) {
      const browser = new Browser(sessions, now);
      await browser.visit((conn) => sessions.putSession(conn, "key", before));
      await browser.visit((conn) => sessions.putSession(conn, "key", after));
      const { result } = await browser.visit((conn) => sessions.getSession(conn, "key"));
      expect(canonical(result)).toBe(canonical(after));
    }
  });

  it("reads are frozen in the request that put, and in the next", async () => {
    const browser = new Browser(sessions, now);
    const same = await browser.visit((conn) => {
      sessions.putSession(conn, "cart", { items: [1] });
      return sessions.getSession(conn, "cart");
    });
    const next = await browser.visit((conn) => sessions.getSession(conn));
    for (const cart of [same.result, next.result["cart"]] as { items: number[] }[]) {
      expect(() => cart.items.push(2)).toThrow(TypeError);
    }
    // All data comes in an object of its own, to which a template engine may write.
    expect(Object.isFrozen(next.result)).toBe(false);
    expect(Object.isFrozen(next.result["cart"])).toBe(true);
  });

  it("a change to a copy that was read changes nothing", async () => {
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => sessions.putSession(conn, "seen", new Set(["a"])));
    const { setCookie } = await browser.visit((conn) => {
      (sessions.getSession(conn, "seen") as Set<string>).clear();
      (sessions.getSession(conn)["seen"] as Set<string>).clear();
    });
    expect(setCookie).toBeUndefined();
    const { result } = await browser.visit((conn) => sessions.getSession(conn, "seen"));
    expect(result).toEqual(new Set(["a"]));
  });

  it("a value that cannot be stored is refused at put, and leaves the session as it was", async () => {
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => sessions.putSession(conn, "key", "before"));
    const { result } = await browser.visit((conn) => {
      const errors = [() => {}, Symbol("s"), new URL("http://a"), Promise.resolve()].map(
        (value) => {
          try {
            sessions.putSession(conn, "key", value);
            return "stored";
          } catch (error) {
            return error instanceof SessionError ? error.code : error;
          }
        },
      );
      return [...new Set(errors), sessions.getSession(conn, "key")];
    });
    expect(result).toEqual(["ERR_SESSION_NOT_SERIALIZABLE", "before"]);
  });
});
