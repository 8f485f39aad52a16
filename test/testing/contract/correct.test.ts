/** Tables that are correct, and that the contract must not fail: used ones, slow ones, small ones, those of others. */
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { sqliteTable } from "../../../src/tables/sqlite.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { tableLaws } from "../../../src/testing/contract/laws.ts";
import type { OpenTable } from "../../../src/testing/contract/open-table.ts";
import { CalledTable } from "../../support/tables/called-table.ts";
import { openSqlite } from "../../support/tables/sqlite-drivers.mjs";
import { verbsOf } from "../../support/tables/async-table.ts";
import { load } from "../../tools/load.mjs";
import { findingOf } from "./planted.ts";

/** What the contract says against a table. */
async function objections(open: () => Awaitable<OpenTable>): Promise<readonly string[]> {
  const { laws } = await tableLaws(open);
  return laws.filter(({ kept }) => kept === "no").map(({ reason }) => reason);
}

/** A table whose every call takes its time. */
class SlowTable extends CalledTable {
  readonly #milliseconds: number;
  readonly sweep: (now: number) => Promise<number>;

  constructor(table: SessionTable, milliseconds: number) {
    super(table);
    this.#milliseconds = milliseconds;
    this.sweep = async (now) => (await table.sweep?.(now)) ?? 0;
  }

  protected async call<T>(_verb: string, _key: string, run: () => Awaitable<T>): Promise<T> {
    await wait(this.#milliseconds);
    return run();
  }
}

describe("the contract over tables that are correct", () => {
  it("a table that is full of dead and living rows passes, and so it does a second time", async () => {
    const db = await openSqlite("libsql", ":memory:");
    const table = sqliteTable(db);
    table.migrate();
    for (let i = 0; i < 300; i++) {
      await table.insert(newKey(), row(`dead ${i}`, i, NOW - i * 3_600_000), NOW);
      await table.insert(newKey(), row(`living ${i}`, i, NOW + i * 3_600_000), NOW);
    }
    expect(await objections(() => ({ table }))).toEqual([]);
    expect(await objections(() => ({ table }))).toEqual([]);
    db.close();
  }, 60_000);

  it("a durable table that takes 3 milliseconds for each call, one after the other, passes the sweep of thousands", async () => {
    const table = createTable();
    let last: Promise<unknown> = Promise.resolve();
    const one = verbsOf(table, {
      insert(key, each, now) {
        const done = last.then(() => wait(3)).then(() => table.insert(key, each, now));
        last = done;
        return done;
      },
      sweep: async (now) => (await table.sweep?.(now)) ?? 0,
    });
    expect(
      await findingOf("sweep removes thousands of rows", () => ({ table: one }), 20),
    ).toBeUndefined();
  }, 30_000);

  it("a table that answers after a while passes", async () => {
    const table = new SlowTable(createTable(), 1);
    expect(await objections(() => ({ table, other: table }))).toEqual([]);
  }, 90_000);

  it("a table that takes 1,000,000 bytes, and no byte more, passes as the core never writes more", async () => {
    const table = createTable();
    const strict = ({ value }: SessionRow): void => {
      if (Buffer.byteLength(value) > 1_000_000) throw new Error("a value of more than 1 MB");
    };
    const narrow = verbsOf(table, {
      insert(key, each, now) {
        strict(each);
        return table.insert(key, each, now);
      },
      replace(key, version, each, now) {
        strict(each);
        return table.replace(key, version, each, now);
      },
    });
    expect(await objections(() => ({ table: narrow }))).toEqual([]);
  });

  it("a table with a limit of 65,536 bytes passes if it says so with maxValue, and fails if it does not", async () => {
    const small = (maxValue?: number): OpenTable => {
      const table = createTable();
      const check = ({ value }: SessionRow): void => {
        if (Buffer.byteLength(value) > 65_536) throw new Error("the value is too large");
      };
      return {
        table: verbsOf(table, {
          ...(maxValue !== undefined && { maxValue }),
          insert(key, each, now) {
            check(each);
            return table.insert(key, each, now);
          },
          replace(key, version, each, now) {
            check(each);
            return table.replace(key, version, each, now);
          },
        }),
      };
    };
    expect(await objections(() => small(65_536))).toEqual([]);
    expect(await objections(() => small())).toEqual([
      expect.stringContaining("the value is too large"),
    ]);
  });

  it("a table whose replace answers in microtasks, and whose delete needs a turn, passes and does not hang", async () => {
    const table = createTable();
    const starving = verbsOf(table, {
      replace: async (...args) => table.replace(...args),
      touch: async (...args) => table.touch(...args),
      delete: async (...args) => {
        await new Promise((resolve) => setImmediate(resolve));
        return table.delete(...args);
      },
    });
    expect(await objections(() => ({ table: starving, other: starving }))).toEqual([]);
  });

  it("unstorage below a lock of its process passes alone, and a second handle on it is found to lose updates", async () => {
    const { createStorage } = (await load("unstorage")) as {
      createStorage(): {
        getItem(key: string): Promise<SessionRow | null>;
        setItem(key: string, value: SessionRow): Promise<void>;
        removeItem(key: string): Promise<void>;
        getKeys(): Promise<string[]>;
      };
    };
    const storage = createStorage();
    const handle = (): SessionTable => {
      const queues = new Map<string, Promise<unknown>>();
      const lock = <T>(key: string, task: () => Promise<T>): Promise<T> => {
        const next = (queues.get(key) ?? Promise.resolve()).then(task);
        queues.set(
          key,
          next.catch(() => {}),
        );
        return next;
      };
      // unstorage takes a colon for a folder, and other characters as they are.
      const get = async (key: string): Promise<SessionRow | undefined> => {
        const text = (await storage.getItem(key)) as unknown as { text: string } | null;
        return text === null ? undefined : (JSON.parse(text.text) as SessionRow);
      };
      const set = (key: string, { value, version, expiresAt }: SessionRow): Promise<void> =>
        storage.setItem(key, {
          text: JSON.stringify({ value, version, expiresAt }),
        } as unknown as SessionRow);
      return {
        get,
        insert: (key, each) =>
          lock(key, async () => {
            if (await get(key)) return false;
            await set(key, each);
            return true;
          }),
        replace: (key, version, each) =>
          lock(key, async () => {
            const current = await get(key);
            if (!current) return "gone";
            if (current.version !== version) return current;
            await set(key, each);
            return "done";
          }),
        touch: (key, version, expiresAt) =>
          lock(key, async () => {
            const current = await get(key);
            if (!current) return "gone";
            if (current.version !== version) return "conflict";
            const last = Math.max(current.expiresAt, expiresAt);
            await set(key, { ...current, expiresAt: last });
            return "done";
          }),
        delete: (key, version) =>
          lock(key, async () => {
            const current = await get(key);
            if (!current) return "gone";
            if (version !== undefined && current.version !== version) return current;
            await storage.removeItem(key);
            return "done";
          }),
      };
    };
    const table = handle();
    expect(await objections(() => ({ table }))).toEqual([]);
    expect((await objections(() => ({ table, other: handle() }))).join()).toMatch(
      /by two handles.*should be 1, got \d/,
    );
  }, 60_000);
});
