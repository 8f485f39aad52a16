import { describe, expect, it, vi } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionTable } from "../../src/core/store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { Browser } from "../support/browser.ts";
import { clock } from "../support/clock.ts";

const impossible = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });

/** Set-up by an application without types. */
const storeOf = (table: unknown): unknown => tableStore({ table: table as SessionTable });

describe("a table with a name", () => {
  it("the store finds the table by its name", async () => {
    const { now } = clock();
    const table = createTable("found by name");
    const insert = vi.spyOn(table, "insert");
    const sessions = createSessions({
      store: tableStore({ table: "found by name" }),
      key: "s",
      now,
    });
    await new Browser(sessions, now).visit((conn) => sessions.putSession(conn, "a", 1));
    expect(insert).toHaveBeenCalledOnce();
  });

  it("stores that name the same table share it, under different cookie names too", async () => {
    const { now } = clock();
    createTable("shared");
    const make = (): ReturnType<typeof createSessions> =>
      createSessions({ store: tableStore({ table: "shared" }), key: "s", now });
    const [one, two] = [make(), make()];
    const browser = new Browser(one, now);
    await browser.visit((conn) => one.putSession(conn, "a" as never, 1 as never));
    const other = new Browser(two, now);
    other.jar.take([String(browser.jar.header)]);
    expect((await other.visit((conn) => two.getSession(conn))).result).toEqual({ a: 1 });
  });

  it("a table that is made again with the same options keeps its rows, because a module may be evaluated twice", () => {
    const table = createTable("again", { maxRows: 5 });
    table.insert("key", { value: "1{}", version: 1, expiresAt: 1 }, 0);
    expect(createTable("again", { maxRows: 5 })).toBe(table);
    expect(createTable("again", { maxRows: 5 }).get("key")).toMatchObject({ version: 1 });
  });

  it("a table cannot be made again with other options", () => {
    createTable("taken");
    createTable("bounded", { maxRows: 5 });
    expect(() => createTable("taken", { maxRows: 5 })).toThrow(impossible);
    expect(() => createTable("bounded")).toThrow(impossible);
    expect(() => createTable("bounded", { maxRows: 6 })).toThrow(impossible);
  });

  it.each(["toString", "__proto__", "constructor"])(
    "a table may be called %s, and does not exist before",
    (name) => {
      expect(() => storeOf(name)).toThrow(impossible);
      createTable(name);
      expect(() => storeOf(name)).not.toThrow();
    },
  );

  it("a table that does not exist is an error at set-up, which names it and createTable", () => {
    expect(() => storeOf("dynamo_sesions")).toThrow(impossible);
    expect(() => storeOf("dynamo_sesions")).toThrow(/createTable\("dynamo_sesions"\)/);
  });
});

describe("a table without a name", () => {
  it("a table without a name is another one each time", () => {
    expect(createTable()).not.toBe(createTable());
  });
});

describe("L1: a value that is no table", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty name", ""],
    ["a number", 5],
    ["a Map", new Map()],
    ["a store", tableStore({ table: createTable() })],
    ["the function that makes tables", createTable],
    ["an object that lacks a verb", { get() {}, insert() {}, replace() {}, touch() {} }],
    [
      "an object whose verb is no function",
      { get: 1, insert() {}, replace() {}, touch() {}, delete() {} },
    ],
  ])("a store refuses %s at set-up", (_, table) => {
    expect(() => storeOf(table)).toThrow(impossible);
  });

  it.each([undefined, null, "sessions"])("a store refuses the options %j", (options) => {
    expect(() => tableStore(options as unknown as { table: string })).toThrow(impossible);
  });
});

describe("the options of a table", () => {
  it.each([
    ["a name that is no text", [5, {}]],
    ["an empty name", ["", {}]],
    ["null for a name", [null, {}]],
    ["options for a name", [{ maxRows: 5 }]],
    ["no rows at all", ["t1", { maxRows: 0 }]],
    ["a number of rows as text", ["t2", { maxRows: "5" }]],
    ["NaN rows", ["t3", { maxRows: Number.NaN }]],
    ["an unknown option", ["t4", { max: 5 }]],
  ])("createTable refuses the options %s", (_, args) => {
    expect(() => createTable(...(args as [string]))).toThrow(impossible);
  });
});
