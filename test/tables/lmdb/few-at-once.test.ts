/** Thousands of writes at once must not go on in one turn of the event loop. */
import { open } from "lmdb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FewAtOnce } from "../../../src/tables/lmdb/few-at-once.ts";
import { lmdbTable } from "../../../src/tables/lmdb.ts";
import { all, newKey, row, times } from "../../../src/testing/contract/case.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";
import type { OpenLmdb } from "../../support/tables/lmdb-table.ts";

describe("tasks of which few run at once", () => {
  it("a hundred tasks run, and each that ends gives its place to the one that has waited longest", async () => {
    const few = new FewAtOnce();
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const running = times(103, (index) =>
      few.run(() => {
        begun.push(index);
        return new Promise<number>((resolve) => ends.push(() => resolve(index)));
      }),
    );
    await Promise.resolve();
    expect(begun).toHaveLength(100);
    ends[7]?.();
    expect(await running[7]).toBe(7);
    expect(begun.slice(100)).toEqual([100]);
    for (let end = 0; end < ends.length; end++) {
      ends[end]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await all(running)).toEqual(running.map((_, index) => index));
    expect(begun.slice(100)).toEqual([100, 101, 102]);
  });

  it("a task that fails gives its place away, and the end of all tasks comes after it", async () => {
    const few = new FewAtOnce();
    const failing = times(150, () => few.run(() => Promise.reject(new Error("no room"))));
    const settled = Promise.allSettled(failing);
    let isIdle = false;
    const idle = few.idle().then(() => (isIdle = true));
    expect(isIdle).toBe(false);
    expect((await settled).every(({ status }) => status === "rejected")).toBe(true);
    await idle;
    await few.idle();
  });
});

describe("an LMDB table under many writes", () => {
  let opened: OpenLmdb;
  beforeEach(() => {
    opened = openLmdb();
  });
  afterEach(() => opened.close());

  it("one turn of the event loop goes on with a few hundred of a thousand writes at most", async () => {
    let thisTurn = 0;
    let most = 0;
    let isOver = false;
    const turn = (): void => {
      most = Math.max(most, thisTurn);
      thisTurn = 0;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const inserting = times(1000, async () => {
      await opened.table.insert(newKey(), row("value", 1), 0);
      thisTurn++;
    });
    await all(inserting);
    isOver = true;
    expect(Math.max(most, thisTurn)).toBeLessThanOrEqual(300);
  });

  it("a table that is closed still makes the writes that wait for their turn", async () => {
    const keys = times(1000, newKey);
    const inserting = keys.map((key) => opened.table.insert(key, row("value", 1), 0));
    await opened.table.close();
    expect(await all(inserting)).toEqual(keys.map(() => true));
    expect(keys.filter((key) => opened.other.get(key)?.value === "value")).toHaveLength(1000);
  });

  it("a map that is full grows, and a write that needs more is made", async () => {
    // lmdb opens a folder once in a process, so that the table gets the small map of the one who came first.
    const path = `${opened.path}/small`;
    const first = open({
      path,
      noSubdir: false,
      mapSize: 2 ** 18,
      overlappingSync: false,
      maxDbs: 64,
    });
    const table = lmdbTable({ path });
    const keys = times(20, newKey);
    for (const key of keys) {
      expect(await table.insert(key, row("v".repeat(100_000), 1), 0)).toBe(true);
    }
    expect(keys.filter((key) => table.get(key)?.value.length === 100_000)).toHaveLength(20);
    await table.close();
    await first.close();
  });
});
