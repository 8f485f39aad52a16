import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import { newHandle } from "../../../src/crypto/token.ts";
import { createTable } from "../../../src/tables/named-tables.ts";

const row = (version: number, expiresAt = 1000): SessionRow => ({
  value: `1${version}`,
  version,
  expiresAt,
});

const ranked = (rank: 0 | 1 | 2): SessionRow => ({ ...row(1), rank });

/** A table with rows "0", "1", ... in the order of their insertion. */
function tableOf(rows: number, maxRows?: number, expiresAt?: (n: number) => number): SessionTable {
  const table = createTable(undefined, { maxRows });
  for (let n = 0; n < rows; n++) table.insert(String(n), row(n, expiresAt?.(n)), 0);
  return table;
}

const keysOf = (table: SessionTable, candidates: number): string[] =>
  Array.from({ length: candidates }, (_, n) => String(n)).filter(
    (key) => table.get(key) !== undefined,
  );

/** The same, by a write that no version allows: a read would be a use. */
const keysWithoutUse = (table: SessionTable, candidates: number): string[] =>
  Array.from({ length: candidates }, (_, n) => String(n)).filter(
    (key) => table.touch(key, -1, 0, 0) !== "gone",
  );

describe("a memory table", () => {
  it("the table answers at once", () => {
    const table = tableOf(1);
    expect(table.get("0")).toEqual(row(0));
    expect(table.insert("0", row(7), 0)).toBe(false);
    expect(table.get("0")).toEqual(row(0));
    expect(table.replace("0", 7, row(8), 0)).toEqual(row(0));
    expect(table.replace("0", 0, row(8), 0)).toBe("done");
    expect(table.touch("0", 0, 5000, 0)).toBe("conflict");
    expect(table.touch("0", 8, 5000, 0)).toBe("done");
    expect(table.get("0")).toEqual(row(8, 5000));
    expect(table.touch("0", 8, 1, 0)).toBe("done");
    expect(table.get("0")).toEqual(row(8, 5000));
    expect(table.delete("0", 0)).toEqual(row(8, 5000));
    expect(table.delete("0", 8)).toBe("done");
    expect(table.replace("0", 8, row(9), 0)).toBe("gone");
    expect(table.touch("0", 8, 9000, 0)).toBe("gone");
    expect(table.delete("0")).toBe("gone");
    expect(table.get("0")).toBeUndefined();
  });
});

describe("L13: a bounded memory table", () => {
  it("a full table ends the session that was written or touched longest ago", () => {
    const table = tableOf(3, 3);
    table.replace("0", 0, row(10), 0);
    table.touch("1", 1, 2000, 0);
    table.insert("3", row(3), 0);
    expect(keysOf(table, 5)).toEqual(["0", "1", "3"]);
    table.insert("4", row(4), 0);
    expect(keysOf(table, 5)).toEqual(["1", "3", "4"]);
  });

  it("a read is a use, and a write that did not happen is none", () => {
    const table = tableOf(3, 3);
    table.get("0");
    table.replace("1", 99, row(10), 0);
    table.touch("1", 99, 2000, 0);
    table.insert("1", row(10), 0);
    table.insert("3", row(3), 0);
    expect(keysOf(table, 5)).toEqual(["0", "2", "3"]);
  });

  it("nobody's rows go first, then somebody's, then lists and ends, each in the order of use", () => {
    const table = createTable(undefined, { maxRows: 6 });
    for (const [n, rank] of ([2, 1, 0, 0, 1, 2] as const).entries()) {
      table.insert(String(n), ranked(rank), 0);
    }
    for (const key of ["0", "1", "2"]) table.get(key);
    for (const [n, rest] of ["01245", "0145", "015", "05", "0", ""].entries()) {
      expect(table.insert(`new ${n}`, ranked(2), 0)).toBe(true);
      const left = keysWithoutUse(table, 6);
      expect(left.join("")).toBe(rest);
    }
  });

  it("a row of nobody is refused where only others are left, and ends none of them", () => {
    const table = createTable(undefined, { maxRows: 2 });
    table.insert("0", ranked(1), 0);
    table.insert("1", ranked(2), 0);
    expect(table.insert("2", ranked(0), 0)).toBe("full");
    expect(keysOf(table, 3)).toEqual(["0", "1"]);
    table.delete("0");
    expect(table.insert("2", ranked(0), 0)).toBe(true);
    expect(table.insert("3", ranked(0), 0)).toBe(true);
    expect(keysOf(table, 4)).toEqual(["1", "3"]);
  });

  it("a row takes the rank of its last write: a log-in protects it, and a log-out gives it up", () => {
    const table = createTable(undefined, { maxRows: 2 });
    table.insert("0", ranked(0), 0);
    table.insert("1", ranked(0), 0);
    table.replace("0", 1, ranked(1), 0);
    table.insert("2", ranked(0), 0);
    expect(keysOf(table, 3)).toEqual(["0", "2"]);
    table.replace("2", 1, ranked(1), 0);
    table.replace("0", 1, ranked(0), 0);
    table.get("0");
    table.insert("3", ranked(0), 0);
    expect(keysOf(table, 4)).toEqual(["2", "3"]);
  });

  it("the table never holds more than its rows, and uses the room of a deleted one", () => {
    const table = tableOf(1000, 10);
    expect(keysOf(table, 1000)).toHaveLength(10);
    table.delete("995");
    table.insert("1000", row(1), 0);
    expect(keysOf(table, 1001)).toEqual([
      "990",
      "991",
      "992",
      "993",
      "994",
      "996",
      "997",
      "998",
      "999",
      "1000",
    ]);
  });

  it("the table ends the sessions that lists in the order of use would, whatever came before", () => {
    const verb = fc.constantFrom("insert", "replace", "touch", "delete", "get");
    const rank = fc.constantFrom(0 as const, 1 as const, 2 as const);
    const step = fc.tuple(verb, fc.nat(9).map(String), rank);
    fc.assert(
      fc.property(fc.nat(5), fc.array(step, { minLength: 40, maxLength: 80 }), (extra, steps) => {
        const maxRows = 1 + extra;
        const table = createTable(undefined, { maxRows });
        /** The keys of each rank, the one used longest ago first. */
        const used: [string[], string[], string[]] = [[], [], []];
        for (const [name, key, rank] of steps) {
          const known = used.find((keys) => keys.includes(key));
          if (name !== "insert") known?.splice(known.indexOf(key), 1);
          switch (name) {
            case "insert": {
              const lowest = used.find((keys) => keys.length > 0);
              const isFull = !known && used.flat().length === maxRows;
              const isRefused = isFull && rank === 0 && lowest !== used[0];
              const answer = known ? false : isRefused ? "full" : true;
              expect(table.insert(key, ranked(rank), 0)).toBe(answer);
              if (!known && !isRefused) {
                if (isFull) lowest?.shift();
                used[rank].push(key);
              }
              break;
            }
            case "replace":
              table.replace(key, 1, ranked(rank), 0);
              if (known) used[rank].push(key);
              break;
            case "touch":
              table.touch(key, 1, 2000, 0);
              known?.push(key);
              break;
            case "get":
              table.get(key);
              known?.push(key);
              break;
            case "delete":
              table.delete(key);
          }
          expect(keysWithoutUse(table, 10)).toEqual(used.flat().toSorted());
        }
      }),
    );
  });

  it("the table may hold a single row", () => {
    const table = tableOf(5, 1);
    expect(keysOf(table, 5)).toEqual(["4"]);
  });
});

describe("a sweep of the memory table", () => {
  it("the sweep removes what has ended, to the millisecond, and leaves the living", async () => {
    const table = tableOf(3000, undefined, (n) => 999 + (n % 3));
    expect(await table.sweep?.(1000)).toBe(2000);
    const left = keysOf(table, 3000);
    expect(left).toHaveLength(1000);
    expect(left.every((key) => Number(key) % 3 === 2)).toBe(true);
  });

  it("the sweep leaves rows that get a later deadline, or come, while it runs", async () => {
    const table = tableOf(10_000, undefined, () => 1);
    const sweeping = table.sweep?.(1000);
    const [a = "", b = "", c = "", ...others] = keysOf(table, 10_000);
    const last = others.at(-1) ?? ""; // Next to the rows at which the sweep gave way.
    for (const key of [a, last]) table.touch(key, Number(key), 5000, 0);
    table.replace(b, Number(b), row(1, 5000), 0);
    table.insert("10000", row(1, 5000), 0);
    table.delete(c);
    expect(await sweeping).toBe(9996);
    expect(keysOf(table, 10_001)).toEqual([a, b, last, "10000"]);
  });

  it("one sweep runs at a time", async () => {
    const table = tableOf(10_000, undefined, () => 1);
    const both = await Promise.all([table.sweep?.(1000), table.sweep?.(1000)]);
    expect(both).toEqual([10_000, 10_000]);
    expect(await table.sweep?.(1000)).toBe(0);
  });

  it("the sweep does its first part at once", () => {
    const table = tableOf(10, undefined, () => 1);
    void table.sweep?.(1000);
    expect(keysOf(table, 10)).toEqual([]);
  });

  it("the sweep looks at 1,024 rows at most before other work has its turn", async () => {
    const table = tableOf(20_000, undefined, () => 1);
    void table.sweep?.(1000);
    const swept: number[] = [];
    let before = 20_000;
    while (before > 0) {
      const left = keysOf(table, 20_000).length;
      swept.push(before - left);
      before = left;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(Math.max(...swept)).toBe(1024);
  });
});

describe("a sweep whose turns are forgotten, as workerd does when a request has ended", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("the next sweep goes on from the same place, a second later", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    vi.stubGlobal("setImmediate", () => {});
    const table = tableOf(3000, undefined, () => 1);
    const sweepAfter = (ms: number): number => {
      vi.advanceTimersByTime(ms);
      void table.sweep?.(1000);
      return keysOf(table, 3000).length;
    };
    expect(sweepAfter(0)).toBe(3000 - 1024);
    expect(sweepAfter(999)).toBe(3000 - 1024);
    expect(sweepAfter(1)).toBe(3000 - 2048);
    vi.unstubAllGlobals();
    vi.advanceTimersByTime(1000);
    expect(await table.sweep?.(1000)).toBe(3000 - 2048);
  });
});

describe("a memory table of many rows", () => {
  it("the table keeps every row while thousands come and go", () => {
    const table = tableOf(5000);
    for (let n = 0; n < 5000; n += 3) table.delete(String(n));
    for (let n = 0; n < 5000; n += 6) table.insert(String(n), row(n + 1), 0);
    for (let n = 0; n < 5000; n++) {
      const expected = n % 6 === 0 ? row(n + 1) : n % 3 === 0 ? undefined : row(n);
      expect(table.get(String(n))).toEqual(expected);
    }
    for (let n = 0; n < 5000; n++) table.delete(String(n));
    expect(keysOf(table, 5000)).toEqual([]);
  });

  it("the table finds rows through many small Maps, because a large one stops everything when it grows", () => {
    const table = createTable();
    const set = vi.spyOn(Map.prototype, "set");
    for (let n = 0; n < 20_000; n++) table.insert(newHandle(), row(n), 0);
    const maps = new Set(set.mock.contexts as Map<unknown, unknown>[]);
    set.mockRestore();
    expect(Math.max(...[...maps].map((map) => map.size))).toBeLessThan(20_000 / 100);
  });
});
