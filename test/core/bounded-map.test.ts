import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { newSecret } from "../../src/crypto/secret.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { BoundedMap } from "../../src/core/bounded-map.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { Browser } from "../support/browser.ts";
import { DAY, MINUTE, clock } from "../support/clock.ts";
import { visit } from "../support/visit.ts";

const LIMIT = 500;

describe("the cookies that a store remembers as opened", () => {
  it("a cookie is found by its whole value", () => {
    const opened = new BoundedMap<number>(LIMIT);
    opened.set("abc", 1);
    expect([opened.get("abc"), opened.get("ab"), opened.get("abcd")]).toEqual([
      1,
      undefined,
      undefined,
    ]);
  });

  it(`the store remembers ${LIMIT} cookies at most, and forgets the earlier ones at one more`, () => {
    const opened = new BoundedMap<number>(LIMIT);
    for (let n = 0; n < LIMIT; n++) opened.set(String(n), n);
    expect([opened.get("0"), opened.get(String(LIMIT - 1))]).toEqual([0, LIMIT - 1]);
    opened.set("more", LIMIT);
    expect([opened.get("0"), opened.get("more")]).toEqual([undefined, LIMIT]);
  });
});

interface Data {
  readonly user: string;
  readonly seen: Date;
}

describe("a session in a table whose cookie was opened before", () => {
  const time = clock();
  const table = createTable();
  const process = (): Sessions<Data> =>
    createSessions<Data>({ store: tableStore({ table }), key: "session", now: time.now });

  async function opened(): Promise<{ here: Sessions<Data>; browser: Browser }> {
    const here = process();
    const browser = new Browser(here, time.now);
    await browser.visit((conn) => here.putSession(conn, "user", "ann"));
    await browser.visit((conn) => here.getSession(conn));
    return { here, browser };
  }

  it("the session shows what another process has written since", async () => {
    const { here, browser } = await opened();
    const there = process();
    await visit(there, browser.jar.header, (conn) => there.putSession(conn, "user", "bea"));
    expect((await browser.visit((conn) => here.getSession(conn, "user"))).result).toBe("bea");
  });

  it("the session is gone if another process has ended it", async () => {
    const { here, browser } = await opened();
    const cookie = browser.jar.header;
    const there = process();
    await visit(there, cookie, (conn) => there.dropSession(conn));
    const copy = await here.read({ cookie });
    expect(copy.get()).toEqual({});
  });

  it("the session lives on after a touch, and no longer than that", async () => {
    const { here, browser } = await opened();
    time.pass(DAY / 2);
    await browser.visit((conn) => here.getSession(conn));
    time.pass(DAY - MINUTE);
    expect((await browser.visit((conn) => here.getSession(conn, "user"))).result).toBe("ann");
    time.pass(DAY);
    expect((await browser.visit((conn) => here.getSession(conn, "user"))).result).toBe(undefined);
  });

  it("the session opens with no other token", async () => {
    const { here, browser } = await opened();
    const value = browser.jar.value("session") ?? "";
    const other = `${value.slice(0, -1)}${value.endsWith("A") ? "B" : "A"}`;
    expect((await here.read({ cookie: `session=${other}` })).get()).toEqual({});
    expect((await here.read({ cookie: `session=${value}` })).get()).toEqual({ user: "ann" });
  });
});

const STORES: readonly (readonly [string, () => SessionStore])[] = [
  ["a table", () => tableStore({ table: createTable() })],
  ["its cookie", () => cookieStore({ secret: newSecret() })],
];

describe.each(STORES)("a session in %s", (_name, store) => {
  it("each request gets values of its own, even if the cookie was opened before", async () => {
    const time = clock();
    const sessions = createSessions<Data>({ store: store(), key: "session", now: time.now });
    const browser = new Browser(sessions, time.now);
    const seen = new Date(0);
    await browser.visit((conn) => sessions.putSession(conn, "seen", seen));
    for (let visit = 0; visit < 3; visit++) {
      const { result } = await browser.visit((conn) => sessions.getSession(conn, "seen"));
      expect(result).toEqual(new Date(0));
      result?.setTime(1);
    }
  });
});
