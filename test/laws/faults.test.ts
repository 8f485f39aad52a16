import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionTable } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import type { Fault } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { HOUR, clock } from "../support/clock.ts";
import { Visit } from "../support/visit.ts";

const FAULTS: readonly Fault[] = ["throws", "rejects", "loses the answer", "never answers"];
const failed = { code: "ERR_SESSION_STORE" };
const time = clock();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Waits for a promise while the deadlines of calls pass. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await vi.advanceTimersByTimeAsync(10_000);
  return promise;
}

function configure(table: SessionTable, timeout?: number): Sessions {
  return createSessions({ store: tableStore({ table, timeout }), key: "session", now: time.now });
}

const count = (sessions: Sessions, browser: Browser): Promise<unknown> =>
  browser.visit((conn) => sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1));
const read = async (sessions: Sessions, browser: Browser): Promise<unknown> =>
  (await browser.visit((conn) => sessions.getSession(conn, "n"))).result;

describe.each(FAULTS)("L2: a table that %s", (fault) => {
  const table = new AsyncTable(createTable());
  const sessions = configure(table);

  async function signIn(): Promise<Browser> {
    const browser = new Browser(sessions, time.now);
    await count(sessions, browser);
    return browser;
  }

  it("a failed read is an error and never an empty session; afterwards all is as before", async () => {
    const browser = await signIn();
    table.breakNext("get", fault);
    const request = await soon(browser.begin());
    const look = (): unknown => request.run((conn) => sessions.getSession(conn));
    expect(look).toThrow(expect.objectContaining(failed));
    expect(look).toThrow(expect.objectContaining(failed));
    expect(await read(sessions, browser)).toBe(1);
  });

  it("a failed read is an empty session that refuses writes, if the host has asked for that", async () => {
    const browser = await signIn();
    table.breakNext("get", fault);
    const request = await soon(browser.begin({ anonymousOnError: true }));
    const session = request.run((conn) => sessions.of(conn));
    expect([session.available, session.get(), session.handle]).toEqual([false, {}, undefined]);
    const writes = [
      () => session.put("n", 5),
      () => session.delete("n"),
      () => session.drop(),
      () => session.renew(),
    ];
    for (const write of writes) expect(write).toThrow(expect.objectContaining(failed));
    table.forget();
    expect((await request.finish()).setCookie).toBeUndefined();
    expect(table.calls).toEqual([]);
    expect(await read(sessions, browser)).toBe(1);
  });

  it("the first write makes exactly one session if the table fails once", async () => {
    const browser = new Browser(sessions, time.now);
    table.breakNext("insert", fault);
    await soon(count(sessions, browser));
    expect(await read(sessions, browser)).toBe(1);
  });

  it("a later write loses nothing and does nothing twice if the table fails once", async () => {
    const browser = await signIn();
    table.breakNext("replace", fault);
    await soon(count(sessions, browser));
    expect(await read(sessions, browser)).toBe(2);
  });

  it("a log-out ends the session if the table fails once", async () => {
    const browser = await signIn();
    const cookie = browser.jar.header;
    table.breakNext("delete", fault);
    await soon(browser.visit((conn) => sessions.dropSession(conn)));
    expect(browser.jar.header).toBeUndefined();
    const again = await Visit.begin(sessions, cookie);
    expect(again.run((conn) => sessions.getSession(conn))).toEqual({});
  });

  it.each(["insert", "replace", "delete"] as const)(
    "a failed %s is an error if the read that would settle it fails too",
    async (verb) => {
      const browser = verb === "insert" ? new Browser(sessions, time.now) : await signIn();
      const before = browser.jar.header;
      const request = await browser.begin();
      request.run((conn) => {
        if (verb === "delete") sessions.dropSession(conn);
        else sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1);
      });
      table.breakNext(verb, fault);
      table.breakNext("get", "rejects");
      await expect(soon(request.finish())).rejects.toMatchObject(failed);
      expect(browser.jar.header).toBe(before);
    },
  );

  it("a failed touch takes no page away, and is an event", async () => {
    const browser = await signIn();
    time.pass(HOUR);
    table.breakNext("touch", fault);
    const { result, events } = await soon(browser.visit((conn) => sessions.getSession(conn, "n")));
    expect(result).toBe(1);
    expect(events).toMatchObject([{ name: "touch-error", cookieName: "session" }]);
    expect(await read(sessions, browser)).toBe(1);
  });
});

describe("L2: the time that a table has", () => {
  it("the application gives the time as an option, in seconds", async () => {
    const table = new AsyncTable(createTable());
    const sessions = configure(table, 0.5);
    table.breakNext("get", "never answers");
    let error: unknown;
    const read = sessions.read({ cookie: `session=${"A".repeat(64)}` });
    read.catch((each: unknown) => (error = each));
    await vi.advanceTimersByTimeAsync(499);
    expect(error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(error).toMatchObject(failed);
  });

  it("no timer stays behind when the table answers", async () => {
    const sessions = configure(new AsyncTable(createTable()));
    await count(sessions, new Browser(sessions, time.now));
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, -1, Number.NaN, "2", Infinity, 1e9])("the time cannot be %s seconds", (timeout) => {
    expect(() => configure(createTable(), timeout as number)).toThrow(
      expect.objectContaining({ code: "ERR_SESSION_CONFIG" }),
    );
  });
});
