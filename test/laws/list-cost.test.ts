/** What one user with very many sessions costs all others: few calls at once, and few in all. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { Awaitable } from "../../src/core/awaitable.ts";
import type { SessionTable } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { Device } from "../contracts/subjects/device.ts";
import type { Data } from "../contracts/subjects/world.ts";
import { clock } from "../support/clock.ts";
import { verbsOf } from "../support/tables/async-table.ts";

const MANY = 300;

/** A table behind a wire that tells how many calls are under way at once, and how many there were. */
class Busy {
  readonly table: SessionTable;
  calls = 0;
  most = 0;
  #running = 0;

  constructor(getMany: boolean) {
    const memory = createTable();
    const call = async <T>(run: () => Awaitable<T>): Promise<T> => {
      this.calls++;
      this.most = Math.max(this.most, ++this.#running);
      await new Promise((resolve) => setImmediate(resolve));
      this.#running--;
      return run();
    };
    this.table = verbsOf(memory, {
      get: (key) => call(() => memory.get(key)),
      replace: (...args) => call(() => memory.replace(...args)),
      delete: (...args) => call(() => memory.delete(...args)),
      ...(getMany && {
        getMany: (keys) => call(async () => keys.map((key) => [key, memory.get(key)] as never)),
      }),
    });
  }

  forget(): void {
    this.calls = this.most = 0;
  }
}

async function crowded(busy: Busy, limit?: number): Promise<Sessions<Data>> {
  const time = clock();
  const sessions = createSessions<Data>({
    store: tableStore({ table: busy.table }),
    key: "__Host-sid",
    subject: "user",
    limit,
    now: time.now,
  });
  for (let i = 0; i < MANY; i++) {
    await new Device(sessions).logIn("ann");
    time.pass(1);
  }
  await sessions.list("nobody"); // Reads the mark of revokeBefore, which is then known for a minute.
  busy.forget();
  return sessions;
}

describe("L22: the sessions of one user in a table that reads one row at a time", () => {
  it("list reads at most eight rows at once, and no more rows than it gives", async () => {
    const busy = new Busy(false);
    const sessions = await crowded(busy);
    expect(await sessions.list("ann")).toHaveLength(100);
    expect(busy.most).toBe(8);
    expect(busy.calls).toBe(101);
    const newest = await sessions.list("ann", { limit: 3 });
    const all = await sessions.list("ann", { limit: 1000 });
    expect(all).toHaveLength(MANY);
    expect(newest).toEqual(all.slice(0, 3));
    expect(busy.most).toBe(8);
  });

  it("lists of many users at once read at most eight rows at once", async () => {
    const busy = new Busy(false);
    const sessions = await crowded(busy);
    await Promise.all(
      ["bob", "eve", "joe"].map((user) =>
        Promise.all(Array.from({ length: 20 }, () => new Device(sessions).logIn(user))),
      ),
    );
    busy.forget();
    const lists = ["ann", "bob", "eve", "joe"].map((user) => sessions.list(user));
    expect((await Promise.all(lists)).map(({ length }) => length)).toEqual([100, 20, 20, 20]);
    // Beside them, each list's own row is read.
    expect(busy.most).toBeLessThanOrEqual(8 + lists.length - 1);
  });

  it("revoke ends at most eight sessions at once, and all of them", async () => {
    const busy = new Busy(false);
    const sessions = await crowded(busy);
    await sessions.revoke("ann");
    expect(busy.most).toBe(8);
    expect(await sessions.list("ann")).toEqual([]);
  });

  it("a log-in beyond the limit looks at a hundred rows and ends one", async () => {
    const busy = new Busy(false);
    const sessions = await crowded(busy, MANY);
    const [newest] = await sessions.list("ann", { limit: 1 });
    busy.forget();
    const device = new Device(sessions);
    await device.logIn("ann");
    expect(busy.calls).toBeLessThan(115);
    expect(busy.most).toBe(8);
    const listed = await sessions.list("ann", { limit: 1000 });
    expect(listed).toHaveLength(MANY);
    expect(listed.slice(0, 2).map(({ handle }) => handle)).toEqual([device.handle, newest?.handle]);
  });

  it("a list takes a limit from 1 to 1000", async () => {
    const sessions = await crowded(new Busy(false));
    for (const limit of [0, 1001, 1.5, "3" as never]) {
      await expect(sessions.list("ann", { limit })).rejects.toMatchObject({
        code: "ERR_SESSION_USE",
      });
    }
  });
});

describe("L22: the sessions of one user in a table with getMany", () => {
  it("list reads fifty rows with each call", async () => {
    const busy = new Busy(true);
    const sessions = await crowded(busy);
    expect(await sessions.list("ann", { limit: 1000 })).toHaveLength(MANY);
    expect(busy.calls).toBe(1 + MANY / 50);
    expect(busy.most).toBe(1);
  });

  it("forty requests for one list at once share two readings of it", async () => {
    const busy = new Busy(true);
    const sessions = await crowded(busy);
    const lists = Array.from({ length: 40 }, () => sessions.list("ann", { limit: 1000 }));
    for (const list of await Promise.all(lists)) expect(list).toHaveLength(MANY);
    expect(busy.calls).toBe(2 * (1 + MANY / 50));
    expect(busy.most).toBe(1);
  });

  it("a log-in beyond the limit makes two calls for the rows that it looks at", async () => {
    const busy = new Busy(true);
    const sessions = await crowded(busy, MANY);
    await new Device(sessions).logIn("ann");
    expect(busy.calls).toBeLessThan(12);
    expect(await sessions.list("ann", { limit: 1000 })).toHaveLength(MANY);
  });

  it.each<[string, (keys: readonly string[]) => readonly (readonly [string, undefined])[]]>([
    ["for other keys", (keys) => keys.map((key) => [`${key}x`, undefined] as const)],
    ["for fewer keys", (keys) => keys.slice(1).map((key) => [key, undefined] as const)],
    [
      "for one key twice",
      ([key = "", , ...rest]) => [key, key, ...rest].map((k) => [k, undefined]),
    ],
  ])("an answer %s is an error, and no session counts as ended", async (_what, answer) => {
    const busy = new Busy(true);
    const sessions = await crowded(busy);
    const wrong = verbsOf(busy.table, { getMany: (keys) => answer(keys) });
    const asking = createSessions<Data>({
      store: tableStore({ table: wrong }),
      key: "__Host-sid",
      subject: "user",
      now: clock().now,
    });
    await expect(asking.list("ann")).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(await sessions.list("ann", { limit: 1000 })).toHaveLength(MANY);
  });
});
