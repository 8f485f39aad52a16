/** How long a request may wait for its store. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, clock } from "../../support/clock.ts";
import { Visit } from "../../support/visit.ts";
import { CalledTable } from "../../support/tables/called-table.ts";
import type { TableVerb } from "../../support/tables/called-table.ts";

const time = clock();
/** What a request may take beyond its two seconds. */
const MARGIN = 100;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The length of the key of a session's row. Lists and marks have longer ones. */
const HANDLE = 22;

/** A table whose answers come after a time. Calls for the rows of sessions are noted. */
class SlowTable extends CalledTable {
  readonly calls: TableVerb[] = [];
  delays: Partial<Record<TableVerb, number>> = {};
  /** The time for calls that are for no row of a session. */
  lists: number | undefined;
  /** The beginning of keys for which no answer comes. */
  silent: string | undefined;
  /** Whether the work is done after that time, as behind a lock, or before it, and the answer is late. */
  isLocked = false;

  protected async call<T>(verb: TableVerb, key: string, run: () => Awaitable<T>): Promise<T> {
    const isList = key.length !== HANDLE;
    const delay = (isList ? this.lists : undefined) ?? this.delays[verb] ?? 0;
    if (!isList) this.calls.push(verb);
    const wait = delay > 0 ? new Promise<void>((resolve) => setTimeout(resolve, delay)) : undefined;
    if (this.isLocked) await wait;
    const result = await run();
    await wait;
    return result;
  }
}

/** Lets the timers run until a promise is settled. Gives how it ended, and after how many milliseconds. */
async function timed<T>(
  promise: Promise<T>,
): Promise<{ result?: T; error?: unknown; took: number }> {
  const began = performance.now();
  const ended: { result?: T; error?: unknown }[] = [];
  promise.then(
    (result) => ended.push({ result }),
    (error: unknown) => ended.push({ error }),
  );
  while (ended.length === 0) await vi.advanceTimersByTimeAsync(1);
  return { ...ended[0], took: performance.now() - began };
}

async function setScene(): Promise<{ table: SlowTable; sessions: Sessions; browser: Browser }> {
  const table = new SlowTable(createTable());
  const store = tableStore({ table });
  const sessions = createSessions({ store, key: "session", subject: "user", now: time.now });
  const browser = new Browser(sessions, time.now);
  await timed(browser.visit((conn) => sessions.of(conn).put("user", "ann").put("n", 1)));
  return { table, sessions, browser };
}

describe("L2: the two seconds that a request has for its store", () => {
  it.each([
    ["every answer comes late", { get: 1_900, replace: 1_900 }],
    ["the row is locked", { replace: 6_000 }],
    ["the row is locked and reads are slow", { get: 900, replace: 6_000 }],
    ["no answer comes", { get: Infinity, replace: Infinity }],
  ] as const)("they hold for load and commit together if %s", async (_title, delays) => {
    const { table, sessions, browser } = await setScene();
    table.isLocked = true;
    table.delays = Object.fromEntries(
      Object.entries(delays).map(([verb, delay]) => [verb, Math.min(delay, 1e9)]),
    );
    const visit = browser.visit((conn) => sessions.putSession(conn, "n", 2));
    const { error, took } = await timed(visit);
    expect(error).toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(took).toBeLessThan(2_000 + MARGIN);
  });

  it("a read may use all of them", async () => {
    const { table, sessions, browser } = await setScene();
    table.delays = { get: 1_950 };
    const { result } = await timed(browser.visit((conn) => sessions.getSession(conn, "n")));
    expect(result?.result).toBe(1);
  });

  it("a write keeps back what the read needs that settles it", async () => {
    const { table, sessions, browser } = await setScene();
    table.delays = { replace: 1e9, get: 200 };
    table.calls.length = 0;
    const { error } = await timed(browser.visit((conn) => sessions.putSession(conn, "n", 2)));
    expect(error).toBeUndefined();
    expect(table.calls).toEqual(["get", "replace", "get"]);
    table.delays = {};
    const { result } = await timed(browser.visit((conn) => sessions.getSession(conn, "n")));
    expect(result?.result).toBe(2);
  });

  it("the time in which the handler works does not count", async () => {
    const { table, sessions, browser } = await setScene();
    table.delays = { get: 500, replace: 400 };
    const { result: request } = await timed(browser.begin());
    await vi.advanceTimersByTimeAsync(30_000);
    request?.run((conn) => sessions.putSession(conn, "n", 2));
    const { error, took } = await timed(request?.finish() ?? Promise.resolve(undefined));
    expect(error).toBeUndefined();
    expect(took).toBeGreaterThanOrEqual(400);
  });

  it("a commit that was given up writes nothing later", async () => {
    const { table, sessions, browser } = await setScene();
    time.pass(HOUR); // so that the write looks whether the session is listed
    table.lists = 2_500;
    const { error } = await timed(browser.visit((conn) => sessions.putSession(conn, "n", 2)));
    expect(error).toMatchObject({ code: "ERR_SESSION_STORE" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(table.calls).not.toContain("replace");
    table.lists = undefined;
    const { result } = await timed(browser.visit((conn) => sessions.getSession(conn, "n")));
    expect(result?.result).toBe(1);
  });

  it("waiting in the queue of the process and in pauses counts", async () => {
    const { table, sessions, browser } = await setScene();
    const requests = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const other = new Browser(sessions, time.now);
        other.jar.take([String(browser.jar.header)]);
        return other.begin();
      }),
    );
    table.delays = { replace: 900 };
    const outcomes = await Promise.all(
      requests.map((request, n) => {
        request.run((conn) => sessions.putSession(conn, `n${n}`, n));
        return timed(request.finish());
      }),
    );
    for (const { took } of outcomes) expect(took).toBeLessThan(2_000 + MARGIN);
    expect(outcomes.some(({ error }) => error === undefined)).toBe(true);
    expect(outcomes.some(({ error }) => error !== undefined)).toBe(true);
  });

  it.each([
    ["a log-in", "insert"],
    ["a log-out", "delete"],
  ] as const)("they hold for %s whose list is slow as well", async (_title, verb) => {
    const { table, sessions, browser } = await setScene();
    table.delays = { get: 700, insert: 700, replace: 700, delete: 700 };
    const one = verb === "insert" ? new Browser(sessions, time.now) : browser;
    const visit = one.visit((conn) => {
      if (verb === "insert") sessions.putSession(conn, "user", "ann");
      else sessions.dropSession(conn);
    });
    const { error, took } = await timed(visit);
    expect(error).toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(took).toBeLessThan(2_000 + MARGIN);
  });

  it("L7: a log-out ends what one of two cookies has opened, if no answer comes for the other", async () => {
    const { table, sessions, browser } = await setScene();
    const other = new Browser(sessions, time.now);
    await timed(other.visit((conn) => sessions.putSession(conn, "n", 1)));
    const silent = other.jar.value("session")?.slice(0, 21) ?? "";
    table.silent = Buffer.from(silent, "base64url").toString("base64url", 0, 15);
    const header = `${String(browser.jar.header)}; ${String(other.jar.header)}`;
    const { result: request } = await timed(Visit.begin(sessions, header));
    request?.run((conn) => sessions.dropSession(conn));
    table.calls.length = 0;
    await timed(request?.finish() ?? Promise.reject(new Error("the request has not begun")));
    expect(table.calls).toContain("delete");
    table.silent = undefined;
    const { result } = await timed(browser.visit((conn) => sessions.getSession(conn)));
    expect(result?.result).toEqual({});
  });

  it("a touch that is late takes no page away, and the page comes in time", async () => {
    const { table, sessions, browser } = await setScene();
    time.pass(HOUR);
    table.delays = { get: 900, touch: 1e9 };
    const { result, took } = await timed(browser.visit((conn) => sessions.getSession(conn, "n")));
    expect(result?.result).toBe(1);
    expect(took).toBeLessThan(2_000 + MARGIN);
  });
});
