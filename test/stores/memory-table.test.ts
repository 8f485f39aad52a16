import { describe, expect, it } from "vitest";
import type { SessionRow, SessionTable } from "../../src/core/store.ts";
import { createTable } from "../../src/stores/named-tables.ts";

const row = (version: number, expiresAt = 1000): SessionRow => ({
  value: `1${version}`,
  version,
  expiresAt,
});

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

describe("a memory table", () => {
  it("answers at once", () => {
    const table = tableOf(1);
    expect(table.immediate).toBe(true);
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

describe("a bounded memory table", () => {
  it("ends the session that was written or touched longest ago", () => {
    const table = tableOf(3, 3);
    table.replace("0", 0, row(10), 0);
    table.touch("1", 1, 2000, 0);
    table.insert("3", row(3), 0);
    expect(keysOf(table, 5)).toEqual(["0", "1", "3"]);
    table.insert("4", row(4), 0);
    expect(keysOf(table, 5)).toEqual(["1", "3", "4"]);
  });

  it("ends nothing for reads, and for writes that did not happen", () => {
    const table = tableOf(3, 3);
    table.get("0");
    table.replace("0", 99, row(10), 0);
    table.touch("0", 99, 2000, 0);
    table.insert("1", row(10), 0);
    expect(keysOf(table, 5)).toEqual(["0", "1", "2"]);
    table.insert("3", row(3), 0);
    expect(keysOf(table, 5)).toEqual(["1", "2", "3"]);
  });

  it("never holds more than its rows, and uses the room of a deleted one", () => {
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

  it("may hold a single row", () => {
    const table = tableOf(5, 1);
    expect(keysOf(table, 5)).toEqual(["4"]);
  });
});

describe("a sweep", () => {
  it("removes what has ended, to the millisecond, and leaves the living", async () => {
    const table = tableOf(3000, undefined, (n) => 999 + (n % 3));
    expect(await table.sweep?.(1000)).toBe(2000);
    const left = keysOf(table, 3000);
    expect(left).toHaveLength(1000);
    expect(left.every((key) => Number(key) % 3 === 2)).toBe(true);
  });

  it("leaves rows that get a later deadline, or come, while it is at work", async () => {
    const table = tableOf(10_000, undefined, () => 1);
    const sweeping = table.sweep?.(1000);
    table.touch("0", 0, 5000, 0); // The row at which the sweep gives way for the first time.
    table.touch("9000", 9000, 5000, 0);
    table.replace("9001", 9001, row(1, 5000), 0);
    table.insert("10000", row(1, 5000), 0);
    table.delete("9002");
    expect(await sweeping).toBe(9996);
    expect(keysOf(table, 10_001)).toEqual(["0", "9000", "9001", "10000"]);
  });

  it("runs once at a time", async () => {
    const table = tableOf(10_000, undefined, () => 1);
    const both = await Promise.all([table.sweep?.(1000), table.sweep?.(1000)]);
    expect(both).toEqual([10_000, 10_000]);
    expect(await table.sweep?.(1000)).toBe(0);
  });

  it("gives way to other work every few milliseconds, also with a million rows", async () => {
    const table = tableOf(1_000_000, undefined, (n) => n % 2);
    const slices: number[] = [];
    let running = true;
    let before = performance.now();
    // Comes once per turn of the event loop, so that a long slice is a long time between two turns.
    const look = (): void => {
      const now = performance.now();
      slices.push(now - before);
      before = now;
      if (running) setImmediate(look);
    };
    const swept = table.sweep?.(0);
    setImmediate(look);
    expect(await swept).toBe(500_000);
    running = false;
    // Other processes may stall many slices; a sweep that does not give way stalls them all.
    const median = slices.toSorted((a, b) => a - b)[slices.length >> 1];
    expect(slices.length).toBeGreaterThan(10);
    expect(median).toBeLessThan(5);
  });
});
