/** The laws of a table as its author prints them, and cases that do not hang. */
import { describe, expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { LAWS, tableLaws } from "../../../src/testing/contract/laws.ts";
import { tableContract } from "../../../src/testing/contract/table-contract.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { findingOf } from "./planted.ts";

const never = (): Promise<never> => new Promise(() => {});

describe("the laws that a table keeps", () => {
  it("each law is kept, broken with what was found, or not shown with what is missing", async () => {
    const table = createTable();
    const nullish = verbsOf(table, {
      get: (key) => table.get(key) ?? (null as unknown as undefined),
    });
    const { laws, keepsAll } = await tableLaws(() => ({ table: nullish }));
    expect(laws.map(({ law }) => law)).toEqual(LAWS.map(([law]) => law));
    expect(keepsAll).toBe(false);
    expect(laws[0]).toEqual({
      law: "each method does what it says",
      kept: "no",
      reason:
        "get of a key that was never inserted gives undefined: the row of an unknown key should be undefined, got null",
    });
    const shown = laws.filter(({ kept }) => kept === "not shown").map(({ reason }) => reason);
    expect(shown).toEqual([
      "the table has no getMany: rows are read one by one",
      "there is no second handle: give `other` beside `table`",
      ...Array.from({ length: 3 }, () => "no other process can open the store: give `child`"),
      "the table has no sweep: its database removes dead rows by itself",
      "nothing lets the database fail: give `fail`",
    ]);
  });

  it("a table that breaks no law keeps all, and as text each law has its line", async () => {
    const table = createTable();
    const laws = await tableLaws(() => ({ table }));
    expect(laws.keepsAll).toBe(true);
    const lines = String(laws).split("\n");
    expect(lines).toHaveLength(LAWS.length);
    expect(lines[0]).toBe("yes        each method does what it says");
    expect(lines).toContain(
      "not shown  a database that fails is an error (nothing lets the database fail: give `fail`)",
    );
  });
});

describe("the time of a case", () => {
  const hanging: readonly (readonly [method: keyof SessionTable, finds: string, says: RegExp])[] = [
    ["get", "get of a key that was never inserted", /it waits for get\("[\w-]{22}"\)/],
    [
      "replace",
      "replace writes value, version and deadline",
      /it waits for replace\("[\w-]{22}"\)/,
    ],
    ["delete", "a delete beside many writers", /it waits for .*delete\("[\w-]{22}"\)/],
    ["sweep", "sweep is safe to run twice", /it waits for sweep\(\)/],
  ];
  it.each(hanging)(
    "a %s that is never answered fails the case, and is named",
    async (method, finds, says) => {
      const table = verbsOf(createTable(), { sweep: async () => 0, [method]: never });
      expect(await findingOf(finds, () => ({ table }), 0.2)).toMatch(says);
    },
  );

  it("what the second handle does not answer is named as its own", async () => {
    const table = createTable();
    const other = verbsOf(table, { touch: never });
    expect(
      await findingOf("a stale write of a second handle", () => ({ table, other }), 0.2),
    ).toMatch(/it waits for touch\("[\w-]{22}"\) of the second handle/);
  });

  it("a table that does not open, or does not close, fails the case, and that is named", async () => {
    const finds = "get of a key that was never inserted";
    expect(await findingOf(finds, never, 0.1)).toMatch(/waits for open\(\)/);
    const closing = () => ({ table: createTable(), close: never });
    expect(await findingOf(finds, closing, 0.1)).toMatch(/waits for close\(\)/);
  });

  it("writers that meet a delete without an answer end with the case", async () => {
    let calls = 0;
    const table = createTable();
    const watched = verbsOf(table, {
      delete: never,
      replace: async (...args) => (calls++, table.replace(...args)),
    });
    await findingOf("a delete beside many writers", () => ({ table: watched }), 0.1);
    await new Promise((resolve) => setImmediate(resolve));
    const before = calls;
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(before);
  });

  it("each case tells the test runner how long to wait, and longer than itself", () => {
    const open = () => ({ table: createTable() });
    expect(tableContract(open)[0]?.[2]).toBe(35_000);
    expect(tableContract(open, { timeout: 90 })[0]?.[2]).toBe(95_000);
    for (const timeout of [0, -1, Number.NaN])
      expect(() => tableContract(open, { timeout })).toThrow(/timeout must be a number of seconds/);
  });
});

describe("a case that has nothing to show", () => {
  it("it skips the test with the reason, where the runner has told it how", async () => {
    const reasons: string[] = [];
    const context = { skip: (reason: string) => void reasons.push(reason) };
    const cases = tableContract(() => ({ table: createTable() }));
    for (const [title, run] of cases) {
      expect(run, title).toHaveLength(0);
      if (/second handle|processes|process that is killed/.test(title)) await run(context);
    }
    expect(new Set(reasons)).toEqual(
      new Set([
        "there is no second handle: give `other` beside `table`",
        "no other process can open the store: give `child`",
      ]),
    );
  });

  it("it passes where the runner has no word for it", async () => {
    const cases = tableContract(() => ({ table: createTable() }));
    const [, run] = cases.find(([title]) => title.includes("database that fails")) ?? [];
    await expect(run?.()).resolves.toBeUndefined();
  });
});

describe("the program of another process", () => {
  it("a program that does not call tableContractChild is named", async () => {
    const child = { file: new URL("../../setup/leaky/vitest.config.mjs", import.meta.url) };
    const said = await findingOf("a row is there for the processes that come after", () => ({
      table: createTable(),
      child,
    }));
    expect(said).toMatch(/ended before it was ready: it must call tableContractChild/);
  });
});
