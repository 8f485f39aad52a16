import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { publish } from "../../src/core/events.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Conn } from "../../src/core/types.ts";
import { refused } from "../../src/core/store-errors.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { HOUR, clock } from "../support/clock.ts";
import { hear } from "../support/events.ts";
import type { SessionEvent } from "../support/events.ts";
import { SECRET } from "../support/secrets.ts";
import { STORES } from "../support/stores.ts";
import { visit } from "../support/visit.ts";

const PRIVATE = "private-data-of-ann";

describe.each(STORES)("L21: the errors and events of %s", (_, make) => {
  it("errors and events hold no secret, no cookie and no data", async () => {
    const time = clock();
    const sessions = createSessions({
      store: make(),
      key: "session",
      now: time.now,
      subject: "user",
    });
    const browser = new Browser(sessions, time.now);
    const cookies = new Set<string>();
    const told: unknown[] = [];
    const handlers: readonly ((conn: Conn) => unknown)[] = [
      (conn) => sessions.putSession(conn, "user", PRIVATE),
      (conn) => sessions.putSession(conn, "text", PRIVATE.repeat(300)),
      (conn) => sessions.putSession(conn, "bad", () => PRIVATE),
      (conn) => sessions.putSession(conn, "user", { name: PRIVATE }),
      (conn) => sessions.renewSession(conn),
      (conn) => sessions.dropSession(conn),
    ];
    for (const handler of handlers) {
      time.pass(HOUR);
      const before = browser.jar.value("session");
      if (before) cookies.add(before);
      const answer = await browser.visit(handler).catch((error: unknown) => ({ error }));
      told.push("events" in answer ? answer.events : answer.error);
    }
    for (const cookie of [...cookies, "forged", "A".repeat(64)]) {
      const { events } = await visit(sessions, `session=${cookie}`, (conn) =>
        sessions.getSession(conn),
      );
      told.push(events);
    }
    const text = inspect(told, { depth: 9, showHidden: true });
    expect(text).toContain("ERR_SESSION_NOT_SERIALIZABLE");
    expect(text).toContain("ERR_SESSION_USE");
    expect(text).not.toContain(PRIVATE);
    expect(text).not.toContain(SECRET);
    expect(cookies.size).toBeGreaterThan(1);
    for (const cookie of cookies) {
      expect(text).not.toContain(cookie);
      // The handle, which is the beginning of a table's cookie, may appear; the secret may not.
      expect(text).not.toContain(cookie.slice(24, 50));
    }
  });
});

describe("the events of a session", () => {
  it("an event says what a commit did, with the cookie's name and the handle", async () => {
    const { now } = clock();
    const sessions = createSessions({
      store: tableStore({ table: createTable() }),
      key: "session",
      now,
    });
    const browser = new Browser(sessions, now);
    const answers = [
      await browser.visit((conn) => sessions.putSession(conn, "a", 1)),
      await browser.visit((conn) => sessions.putSession(conn, "a", 2)),
      await browser.visit((conn) => sessions.renewSession(conn)),
      await browser.visit((conn) => sessions.dropSession(conn)),
    ];
    const [first] = answers[0]?.events ?? [];
    const handle = first && "handle" in first ? first.handle : undefined;
    expect(handle).toMatch(/^[\w-]{22}$/);
    expect(answers.flatMap(({ events }) => events)).toEqual(
      [
        { name: "commit", reason: "create" },
        { name: "commit", reason: "write" },
        { name: "renew", reason: "asked", endedId: expect.stringMatching(/^[\w-]{22}$/) },
        { name: "drop", reason: "asked", endedId: expect.stringMatching(/^[\w-]{22}$/) },
      ].map((event) => ({ ...event, cookieName: "session", handle })),
    );
  });

  it("an event says once per process that a Secure cookie goes out over plain http", async () => {
    const { now } = clock();
    const make = (secure: boolean): ReturnType<typeof createSessions<Record<string, unknown>>> =>
      createSessions({ store: tableStore({ table: createTable() }), key: "session", now, secure });
    const told = async (sessions: ReturnType<typeof make>, insecure: boolean): Promise<number> => {
      const put = (conn: Conn): void => sessions.putSession(conn, "a", 1);
      const { events, setCookie } = await visit(sessions, undefined, put, { insecure });
      expect(setCookie).toBeDefined();
      return events.filter((event) => event.name === "drop-cookie").length;
    };
    const sessions = make(true);
    expect(await told(sessions, false)).toBe(0);
    expect(await told(sessions, true)).toBe(1);
    expect(await told(sessions, true)).toBe(0);
    expect(await told(make(false), true)).toBe(0);
  });

  it("an event says that a sweep failed, and the request goes on", async () => {
    const { now } = clock();
    const table = Object.assign(new AsyncTable(createTable()), {
      sweep: () => Promise.reject(new Error("sweep failed")),
    });
    const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
    const answer = await visit(sessions, undefined, (conn) => sessions.putSession(conn, "a", 1));
    expect(answer.setCookie).toBeDefined();
    expect(answer.events).toMatchObject([{ name: "sweep-error" }, { name: "commit" }]);
  });

  it("L2: an event tells of a call of the table that failed, and of none that succeeded", async () => {
    const { now } = clock();
    const table = new AsyncTable(createTable());
    const store = tableStore({ table, timeout: 0.2 });
    const sessions = createSessions({ store, key: "session", now });
    const browser = new Browser(sessions, now);
    const told: unknown[] = [];
    const listener = (message: unknown): void => void told.push(message);
    subscribe("sojourn:store-error", listener);
    const put = (n: number): Promise<unknown> =>
      browser.visit((conn) => sessions.putSession(conn, "n", n)).catch(() => {});
    await put(1);
    await put(2);
    expect(told).toEqual([]);
    table.breakNext("get", "rejects");
    await put(3);
    table.breakNext("replace", "never answers");
    await put(4);
    table.lost = refused(new Error("no memory is left"));
    table.breakNext("replace", "rejects");
    await put(5);
    unsubscribe("sojourn:store-error", listener);
    const call = { cookieName: "session", duration: expect.any(Number) };
    expect(told).toEqual([
      { ...call, kind: "read", method: "get", reason: "lost", error: expect.any(Error) },
      {
        ...call,
        kind: "write",
        method: "replace",
        reason: "timed-out",
        error: expect.objectContaining({ code: "ERR_SESSION_STORE" }),
      },
      {
        ...call,
        kind: "write",
        method: "replace",
        reason: "refused",
        error: expect.objectContaining({ message: "no memory is left" }),
      },
    ]);
    const [, late] = told as { readonly duration: number }[];
    expect(late?.duration).toBeGreaterThan(100);
    expect(late?.duration).toBeLessThan(60_000);
  });

  it("an event reaches its listeners, and no other code", () => {
    const [mine, yours]: SessionEvent[][] = [[], []];
    hear(mine ?? [], () => publish("refuse", "session", undefined, "forged"));
    hear(yours ?? [], () => undefined);
    expect([mine, yours]).toEqual([
      [{ name: "refuse", cookieName: "session", handle: undefined, reason: "forged" }],
      [],
    ]);
  });
});
