import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionTable } from "../../src/core/store.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { HOUR, clock } from "../support/clock.ts";
import { commits, refusals, stops } from "../support/events.ts";
import { STORES, TABLES } from "../support/stores.ts";
import { visit } from "../support/visit.ts";

describe.each(TABLES)("L7: a log-out from %s", (_, make) => {
  const time = clock();
  const store = tableStore({ table: make() });
  const sessions: Sessions = createSessions({ store, key: "session", now: time.now });

  async function signIn(): Promise<Browser> {
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    return browser;
  }

  const late: readonly (readonly [what: string, handler: (conn: Conn) => unknown])[] = [
    ["put", (conn) => sessions.putSession(conn, "n", 1)],
    ["update", (conn) => sessions.updateSession(conn, "n", () => 1)],
    ["message", (conn) => sessions.of(conn).flash("note", "hello")],
    ["renewal", (conn) => sessions.renewSession(conn)],
    ["changed attribute", (conn) => sessions.configureSession(conn, "path", "/app")],
  ];
  it.each(late)(
    "a log-out wins over a late %s, which makes no row, no cookie, and an event",
    async (_name, handler) => {
      const browser = await signIn();
      const cookie = browser.jar.header;
      const slow = await browser.begin();
      slow.run(handler);
      await browser.visit((conn) => sessions.dropSession(conn));
      const answer = await browser.receive(slow);
      expect([answer.setCookie, stops(answer.events)]).toEqual([undefined, ["gone"]]);
      const again = await visit(sessions, cookie, (conn) => sessions.getSession(conn));
      expect([again.result, refusals(again.events)]).toEqual([{}, ["unknown"]]);
    },
  );

  it("a log-out wins over a late look", async () => {
    const browser = await signIn();
    time.pass(HOUR);
    const slow = await browser.begin();
    slow.run((conn) => sessions.getSession(conn));
    await browser.visit((conn) => sessions.dropSession(conn));
    const answer = await slow.finish();
    expect([answer.setCookie, stops(answer.events)]).toEqual([undefined, ["gone"]]);
  });

  it("two log-outs at the same time are a log-out for both", async () => {
    const browser = await signIn();
    const requests = [await browser.begin(), await browser.begin()];
    for (const request of requests) request.run((conn) => sessions.dropSession(conn));
    const answers = await Promise.all(requests.map((request) => request.finish()));
    for (const { setCookie } of answers) expect(setCookie).toMatch(/^session=; Max-Age=0/);
  });

  it("a log-out ends the session for every cookie ever issued for it", async () => {
    const browser = await signIn();
    const issued = [browser.jar.header];
    for (let n = 0; n < 3; n++) {
      await browser.visit((conn) => sessions.renewSession(conn));
      issued.push(browser.jar.header);
    }
    expect(new Set(issued).size).toBe(4);
    await browser.visit((conn) => sessions.dropSession(conn));
    for (const cookie of issued) {
      const answer = await visit(sessions, cookie, (conn) => sessions.getSession(conn));
      expect([answer.result, refusals(answer.events)]).toEqual([{}, ["unknown"]]);
    }
  });

  it("a log-out wins over a write that came between its load and its commit", async () => {
    const browser = await signIn();
    const slow = await browser.begin();
    slow.run((conn) => sessions.dropSession(conn));
    await browser.visit((conn) => sessions.putSession(conn, "n", 2));
    const answer = await browser.receive(slow);
    expect(answer.setCookie).toMatch(/^session=; Max-Age=0/);
    expect((await browser.visit((conn) => sessions.getSession(conn))).result).toEqual({});
  });
});

describe.each(STORES)("L7: a dropped session in %s", (_, make) => {
  const { now } = clock();
  const sessions = createSessions({ store: make(), key: "session", now });

  async function signIn(): Promise<Browser> {
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => {
      sessions.putSession(conn, "user", "ann");
      sessions.of(conn).flash("note", "hello");
    });
    return browser;
  }

  it("the drop clears the cookie with the attributes that it was sent with", async () => {
    const browser = await signIn();
    await browser.visit((conn) => sessions.configureSession(conn, "sameSite", "strict"));
    const { setCookie } = await browser.visit((conn) => sessions.dropSession(conn));
    expect(setCookie).toMatch(/^session=; Max-Age=0/);
    expect(setCookie).toContain("; SameSite=Strict");
  });

  it("a put after the drop starts a new session, with nothing from before", async () => {
    const browser = await signIn();
    const before = await browser.visit((conn) => sessions.of(conn).handle);
    const { events } = await browser.visit((conn) => {
      sessions.putSession(conn, "lost", true);
      sessions.dropSession(conn);
      expect(sessions.getSession(conn)).toEqual({});
      sessions.putSession(conn, "user", "bob");
    });
    expect(commits(events)).toEqual(["drop", "create"]);
    const after = await browser.visit((conn) => {
      const { handle } = sessions.of(conn);
      return [handle === before.result, sessions.getSession(conn), sessions.of(conn).flash("note")];
    });
    expect(after.result).toEqual([false, { user: "bob" }, undefined]);
  });

  it("the drop sends no cookie if there was none, and is no commit", async () => {
    const answer = await visit(sessions, undefined, (conn) => sessions.dropSession(conn));
    expect([answer.setCookie, answer.events]).toEqual([undefined, []]);
  });

  it("the drop clears a cookie that opens nothing", async () => {
    const answer = await visit(sessions, "session=forged", (conn) => sessions.dropSession(conn));
    expect(answer.setCookie).toMatch(/^session=; Max-Age=0/);
  });

  it("the drop happens even if the client has gone", async () => {
    const browser = await signIn();
    const { events } = await browser.visit((conn) => sessions.dropSession(conn), { gone: true });
    expect(commits(events)).toEqual(["drop"]);
  });
});

describe("L7: a log-out whose store fails", () => {
  it("the log-out is the error, leaves the cookie, and the session goes on", async () => {
    const { now } = clock();
    const table = new AsyncTable(createTable());
    const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    table.breakNext("delete", "rejects");
    table.breakNext("delete", "rejects");
    const request = browser.visit((conn) => sessions.dropSession(conn));
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    expect((await browser.visit((conn) => sessions.getSession(conn, "user"))).result).toBe("ann");
  });
});

describe("L7: a log-out against a writer that never pauses", () => {
  it("the log-out wins, because its last try asks for no version", async () => {
    const inner = createTable();
    const versions: unknown[] = [];
    let count = 1;
    const busy: SessionTable = {
      get: (key) => inner.get(key),
      insert: (key, row, now) => inner.insert(key, row, now),
      replace: (key, version, row, now) => inner.replace(key, version, row, now),
      touch: (key, version, expiresAt, now) => inner.touch(key, version, expiresAt, now),
      delete: async (key, version) => {
        versions.push(version);
        // Somebody else is always just a little faster.
        const row = await inner.get(key);
        if (row) await inner.replace(key, row.version, { ...row, version: count++ }, 0);
        return inner.delete(key, version);
      },
    };
    const time = clock();
    const sessions = createSessions({
      store: tableStore({ table: busy }),
      key: "session",
      now: time.now,
    });
    const browser = new Browser(sessions, time.now);
    const { setCookie } = await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    expect(setCookie).toContain("session=");
    const cookie = browser.jar.header;
    await browser.visit((conn) => sessions.dropSession(conn));
    expect(versions.at(-1)).toBeUndefined();
    expect(versions.length).toBeGreaterThan(1);
    const again = await visit(sessions, cookie, (conn) => sessions.getSession(conn));
    expect([again.result, refusals(again.events)]).toEqual([{}, ["unknown"]]);
  });
});
