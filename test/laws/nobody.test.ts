import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { clock } from "../support/clock.ts";
import { commits } from "../support/events.ts";
import { STORES } from "../support/stores.ts";
import { visit } from "../support/visit.ts";

const { now } = clock();

/** What a handler may do without giving a session anything to keep. */
const NOTHING: readonly (readonly [what: string, handler: (s: Sessions, conn: Conn) => unknown])[] =
  [
    ["does not look", () => undefined],
    ["reads all", (s, conn) => s.getSession(conn)],
    ["reads a key", (s, conn) => s.getSession(conn, "absent")],
    ["deletes an absent key", (s, conn) => s.deleteSession(conn, "absent")],
    ["updates a key to nothing", (s, conn) => s.updateSession(conn, "absent", () => undefined)],
    ["puts and deletes", (s, conn) => s.of(conn).put("a", 1).delete("a")],
    ["takes a message that is not there", (s, conn) => s.of(conn).flash("absent")],
    ["leaves a message and takes it", (s, conn) => s.of(conn).flash("note", 1).flash("note")],
    ["renews", (s, conn) => s.renewSession(conn)],
    ["drops", (s, conn) => s.dropSession(conn)],
    ["configures an attribute", (s, conn) => s.configureSession(conn, "path", "/x")],
    ["puts and ignores", (s, conn) => s.of(conn).put("a", 1).configure("ignore", true)],
    ["puts and drops", (s, conn) => s.of(conn).put("a", 1).drop()],
  ];

describe("L13: an anonymous request", () => {
  it.each(NOTHING)(
    "a request that %s makes no row, no cookie, and no call of the table",
    async (_, handler) => {
      const table = new AsyncTable(createTable());
      const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
      const answer = await visit(sessions, "other=1", (conn) => handler(sessions, conn));
      expect(table.calls).toEqual([]);
      expect([answer.setCookie, answer.events]).toEqual([undefined, []]);
    },
  );

  it.each(NOTHING)(
    "a request that brings an unknown cookie and %s makes no row",
    async (_, handler) => {
      const table = new AsyncTable(createTable());
      const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
      const answer = await visit(sessions, `session=${"A".repeat(64)}`, (conn) =>
        handler(sessions, conn),
      );
      expect(table.calls).toEqual(["get"]);
      expect(answer.setCookie ?? "session=;").toMatch(/^session=;/);
    },
  );

  it("a write for a client that has gone makes no row", async () => {
    const table = new AsyncTable(createTable());
    const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
    const handler = (conn: Conn): void => sessions.putSession(conn, "a", 1);
    const answer = await visit(sessions, undefined, handler, { gone: true });
    expect([table.calls, answer.setCookie]).toEqual([[], undefined]);
  });
});

describe.each(STORES)("L13: a session in %s", (_, make) => {
  const sessions = createSessions({ store: make(), key: "session", now });

  async function signIn(): Promise<Browser> {
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => sessions.putSession(conn, "user", { id: 1 }));
    return browser;
  }

  it.each([
    ["is not looked at", () => undefined],
    ["is read", (conn: Conn) => sessions.getSession(conn)],
    ["gets the value that it has", (conn: Conn) => sessions.putSession(conn, "user", { id: 1 })],
    ["loses a key that it has not", (conn: Conn) => sessions.deleteSession(conn, "absent")],
    ["gets and loses a key", (conn: Conn) => sessions.of(conn).put("a", 1).delete("a")],
    [
      "is changed and changed back",
      (conn: Conn) => sessions.of(conn).delete("user").put("user", { id: 1 }),
    ],
    ["is configured as it is", (conn: Conn) => sessions.configureSession(conn, "secure", true)],
    ["is renewed and not", (conn: Conn) => sessions.of(conn).renew().configure("renew", false)],
  ])("a session that %s is not written, and sends no cookie", async (_name, handler) => {
    const browser = await signIn();
    const answer = await browser.visit(handler);
    expect([answer.setCookie, answer.events]).toEqual([undefined, []]);
  });

  it("a session stays, empty, if its last key is deleted", async () => {
    const browser = await signIn();
    const { events } = await browser.visit((conn) => sessions.deleteSession(conn, "user"));
    expect(commits(events)).toEqual(["write"]);
    const { result, events: later } = await browser.visit((conn) => {
      const session = sessions.of(conn);
      return [session.get(), typeof session.handle];
    });
    expect([result, later]).toEqual([[{}, "string"], []]);
  });

  it("a session keeps the write of a client that has gone, but is not renewed for it", async () => {
    const browser = await signIn();
    const cookie = browser.jar.header;
    const write = await browser.visit((conn) => sessions.putSession(conn, "n", 1), { gone: true });
    expect(commits(write.events)).toEqual(["write"]);
    const renew = await browser.visit((conn) => sessions.renewSession(conn), { gone: true });
    expect(commits(renew.events)).toEqual([]);
    expect(
      (await visit(sessions, cookie, (conn) => sessions.getSession(conn, "user"))).result,
    ).toEqual({ id: 1 });
  });
});

describe("L16: the headers that caches read", () => {
  const [, make] = STORES[1] ?? expect.fail("no table");
  const sessions = createSessions({ store: make(), key: "session", now });

  it("a response has none of them if its handler did not look", async () => {
    const { headers } = await visit(sessions, undefined, () => undefined);
    expect([...headers]).toEqual([]);
  });

  it("a response says that it belongs to one visitor if its handler looked", async () => {
    const { headers } = await visit(sessions, undefined, (conn) => sessions.getSession(conn));
    expect([...headers]).toEqual([
      ["cache-control", "private, no-cache"],
      ["vary", "Cookie"],
    ]);
  });

  it("a response with our cookie may not be stored, and has that cookie once", async () => {
    const { headers } = await visit(sessions, undefined, (conn) =>
      sessions.putSession(conn, "a", 1),
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("vary")).toBe("Cookie");
    expect(headers.getSetCookie()).toHaveLength(1);
  });
});
