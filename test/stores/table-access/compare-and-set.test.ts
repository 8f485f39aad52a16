import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import { newVersion } from "../../../src/crypto/version.ts";
import { CompareAndSet, Conflict } from "../../../src/stores/table-access/compare-and-set.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { AsyncTable, verbsOf } from "../../support/tables/async-table.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("L5: compare-and-set", () => {
  it("the answer comes at once if the first try succeeds", () => {
    expect(new CompareAndSet().run("a", 1, (seen) => `done with ${seen}`)).toBe("done with 1");
  });

  it("each try begins with what the try before has found", async () => {
    const seen: number[] = [];
    const running = new CompareAndSet().run("a", 1, (version: number) => {
      seen.push(version);
      return version < 4 ? new Conflict(version + 1) : "done";
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await running).toBe("done");
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("the writer gives up if others won every try until the deadline", async () => {
    let tries = 0;
    const running = new CompareAndSet().run("a", 1, () => {
      tries++;
      return new Conflict(1);
    });
    const settled = vi.fn();
    Promise.resolve(running).then(settled, settled);
    await vi.advanceTimersByTimeAsync(1990);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    await expect(running).rejects.toMatchObject({ code: "ERR_SESSION_CONFLICT" });
    expect(tries).toBeGreaterThan(2000 / 32);
  });

  it("writes to one key are made one after the other, in order, also after a failure", async () => {
    const commits = new CompareAndSet();
    const log: string[] = [];
    const task = (name: string, error?: Error) => async (): Promise<string> => {
      log.push(`${name} begins`);
      await turn();
      log.push(`${name} ends`);
      if (error) throw error;
      return name;
    };
    const running = [
      commits.run("a", 1, task("first")),
      commits.run("a", 1, task("second", new Error("second failed"))),
      commits.run("a", 1, task("third")),
    ];
    const results = await Promise.allSettled(running.map((each) => Promise.resolve(each)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(log).toEqual(
      ["first", "second", "third"].flatMap((name) => [`${name} begins`, `${name} ends`]),
    );
  });

  it("no key waits for another one, or for what is done", async () => {
    const commits = new CompareAndSet();
    const hanging = commits.run("a", 1, () => new Promise<never>(() => {}));
    expect(hanging).toBeInstanceOf(Promise);
    expect(commits.run("b", 1, () => "at once")).toBe("at once");
    await commits.run("c", 1, () => turn());
    await turn();
    expect(commits.run("c", 1, () => "at once")).toBe("at once");
  });

  it("a write goes ahead of one that never ends, after half the deadline", async () => {
    const commits = new CompareAndSet();
    void commits.run("a", 1, () => new Promise<never>(() => {}));
    const attempt = vi.fn((seen: number) => (seen === 1 ? new Conflict(2) : "second"));
    const second = commits.run("a", 1, attempt);
    await vi.advanceTimersByTimeAsync(999);
    expect(attempt).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await second).toBe("second");
    expect(attempt.mock.calls).toEqual([[1], [2]]);
    // What never ends is forgotten.
    expect(commits.run("a", 1, () => "at once")).toBe("at once");
  });

  it("the time in the queue counts", async () => {
    const commits = new CompareAndSet();
    void commits.run("a", 1, () => new Promise<never>(() => {}));
    const second = Promise.resolve(commits.run("a", 1, () => new Conflict(1)));
    const settled = vi.fn();
    second.then(settled, settled);
    await vi.advanceTimersByTimeAsync(1990);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    await expect(second).rejects.toMatchObject({ code: "ERR_SESSION_CONFLICT" });
  });
});

describe("L5: a value that may be old when a commit comes to it", () => {
  /** A value that others change; it tells how often it was read. */
  const reading = (readAt: number) => {
    const reader = { readAt, reads: 0, read: () => 100 + ++reader.reads };
    return reader;
  };

  it("a commit reads it again if it was read more than 100 ms ago, and not before", () => {
    const readAt = performance.now();
    const seen: number[] = [];
    const attempt = (value: number): string => `done with ${seen.push(value)}`;
    vi.advanceTimersByTime(100);
    new CompareAndSet().run("a", 1, attempt, reading(readAt));
    vi.advanceTimersByTime(1);
    new CompareAndSet().run("a", 1, attempt, reading(readAt));
    expect(seen).toEqual([1, 101]);
  });

  it("a commit that has waited in the queue reads it again, however short the wait was", async () => {
    const commits = new CompareAndSet();
    const first = commits.run("a", 1, () => turn());
    const attempt = vi.fn((value: number) => value);
    const second = commits.run("a", 1, attempt, reading(performance.now()));
    await first;
    expect(await second).toBe(101);
    expect(attempt.mock.calls).toEqual([[101]]);
  });

  it("a try after a pause reads it again, and a try that has just met a conflict does not", async () => {
    const seen: number[] = [];
    const attempt = (value: number): string | Conflict<number> => {
      seen.push(value);
      return seen.length < 5 ? new Conflict(value + 10) : "done";
    };
    const running = new CompareAndSet().run("a", 1, attempt, reading(performance.now()));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await running).toBe("done");
    expect(seen).toEqual([1, 11, 101, 111, 102]);
  });
});

describe("L5: a session that others keep changing", () => {
  it("the commit is ERR_SESSION_CONFLICT after its deadline, and nothing was written", async () => {
    const { now } = clock();
    const memory = createTable();
    const contested = verbsOf(memory, {
      replace: async (key, version, row, at) => {
        const there = await memory.get(key);
        if (there)
          await memory.replace(key, there.version, { ...there, version: newVersion() }, at);
        return memory.replace(key, version, row, at);
      },
    });
    const table = new AsyncTable(contested);
    const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
    const browser = new Browser(sessions, now);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    const writing = browser.visit((conn) => sessions.putSession(conn, "n", 2));
    writing.catch(() => {});
    await vi.advanceTimersByTimeAsync(3000);
    await expect(writing).rejects.toMatchObject({ code: "ERR_SESSION_CONFLICT" });
    expect((await browser.visit((conn) => sessions.getSession(conn, "n"))).result).toBe(1);
  });
});

describe("L5: requests of one session at the same time", () => {
  it.each([[createTable()], [new AsyncTable(createTable())]])(
    "all twenty requests win, over table %#",
    async (table) => {
      const { now } = clock();
      const sessions = createSessions({ store: tableStore({ table }), key: "session", now });
      const browser = new Browser(sessions, now);
      await browser.visit((conn) => sessions.putSession(conn, "n", 0));
      const requests = await Promise.all(Array.from({ length: 20 }, () => browser.begin()));
      requests.forEach((request, at) =>
        request.run((conn) => {
          sessions.updateSession(conn, "n", (n) => Number(n) + 1);
          sessions.putSession(conn, `key ${at}`, at);
        }),
      );
      const answers = Promise.all(requests.map((request) => browser.receive(request)));
      await vi.advanceTimersByTimeAsync(1000);
      await answers;
      const { result } = await browser.visit((conn) => sessions.getSession(conn));
      expect(result["n"]).toBe(20);
      expect(Object.keys(result)).toHaveLength(21);
    },
  );
});
