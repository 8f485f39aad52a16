/** The SQLite table by each package that this version of Node can load; `npm run test:newer-node` has all of them. */
import { randomBytes } from "node:crypto";
import process from "node:process";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { sqliteTable } from "../../src/tables/sqlite.ts";
import type { SqliteDatabase } from "../../src/tables/sqlite.ts";
import { NOW, newKey, row } from "../../src/testing/contract/case.ts";
import { testProcesses } from "../contracts/tables/processes.ts";
import { World, read } from "../contracts/tables/store-world.ts";
import { testTable } from "../contracts/tables/whole-table.ts";
import { PAIRS, explore } from "../contracts/interleavings/interleavings.ts";
import { requireBuilt } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import { openSqlite } from "../support/tables/sqlite-drivers.mjs";
import { openSqliteTable } from "../support/tables/sqlite-table.ts";
import type { OpenSqlite } from "../support/tables/sqlite-table.ts";

const NEWER = Number(process.versions.node.split(".")[0]) >= 22;
const DRIVERS = NEWER ? ["better-sqlite3", "node:sqlite"] : ["libsql"];

beforeAll(requireBuilt);

describe.each(DRIVERS)("the SQLite table by %s", (driver) => {
  testTable(() => openSqliteTable(driver), { notShown: ["getMany"] });
  testProcesses(driver, () => openSqliteTable(driver));

  it.each(PAIRS.map((kinds) => [kinds.join(" || "), kinds] as const))(
    'L5: the requests "%s" keep the laws in every order of their table calls',
    async (_title, kinds) => {
      const { table, close } = await openSqliteTable(driver);
      const { runs, violations } = await explore(table, kinds, "alice");
      close();
      expect(runs).toBeGreaterThan(5);
      expect([...new Set(violations)]).toEqual([]);
    },
  );

  describe("a table in SQLite", () => {
    let opened: OpenSqlite;
    beforeEach(async () => {
      opened = await openSqliteTable(driver);
    });
    afterEach(() => opened.close());

    it("the table is what npx sojourn ddl sqlite prints", async () => {
      const { code, stdout } = await runNode(["dist/cli/main.js", "ddl", "sqlite"]);
      expect(code).toBe(0);
      const made = opened.db.prepare(
        "SELECT group_concat(sql, char(10)) AS sql FROM sqlite_master",
      );
      const { sql } = made.get() as { sql: string };
      expect(stdout.replaceAll("IF NOT EXISTS ", "").replaceAll(";\n", "\n")).toBe(`${sql}\n`);
    });

    it("L7: a database in memory forgets, and one in a file does not; revocations refuses the first", async () => {
      expect(opened.table.forgets).toBe(false);
      const db = await openSqlite(driver, ":memory:");
      const revocations = sqliteTable(db);
      expect(revocations.forgets).toBe(true);
      const secret = randomBytes(32).toString("base64url");
      expect(() => cookieStore({ secret, revocations })).toThrow(/keeps its rows/);
      expect(() => cookieStore({ secret, revocations: opened.table })).not.toThrow();
      db.close();
    });

    it("the table makes itself again without harm, and beside tables of other names", async () => {
      const { db, table } = opened;
      const other = sqliteTable(db, { table: "select" });
      const key = newKey();
      await table.insert(key, row("a", 1), NOW);
      table.migrate();
      other.migrate();
      expect(table.get(key)).toEqual(row("a", 1));
      expect(other.get(key)).toBeUndefined();
    });

    it("L2: the table refuses to write inside the application's transaction, whose rollback would take it back", async () => {
      const { db, table } = opened;
      const key = newKey();
      await table.insert(key, row("a", 1), NOW);
      db.exec("BEGIN");
      expect(() => table.delete(key)).toThrow(/transaction is open/);
      expect(() => table.insert(newKey(), row("b", 1), NOW)).toThrow(/transaction is open/);
      expect(() => table.touch(key, 1, NOW + 1, NOW)).toThrow(/transaction is open/);
      expect(table.get(key)).toEqual(row("a", 1));
      db.exec("ROLLBACK");
      expect(await table.delete(key)).toBe("done");
    });

    it("L2: a lock that another connection keeps is an error after the time-out, and signs nobody out", async () => {
      const { db, path } = opened;
      const world = new World(opened.table);
      const sessions = world.process();
      const browser = world.browser(sessions);
      await browser.visit((conn) => sessions.putSession(conn, "user", "alice"));
      db.exec("PRAGMA busy_timeout = 1");
      const other = await openSqlite(driver, path);
      other.exec("BEGIN IMMEDIATE");
      const write = browser.visit((conn) => sessions.putSession(conn, "n", 1));
      await expect(write).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      other.exec("ROLLBACK");
      other.close();
      expect(await read(browser)).toEqual({ user: "alice" });
    });

    it("a sweep lets other work have its turn between its batches", async () => {
      const { db, table } = opened;
      db.exec("PRAGMA synchronous = OFF");
      for (let i = 0; i < 1_200; i++) await table.insert(newKey(), row("a", 1, 1), NOW);
      let turns = 0;
      const sweeping = table.sweep(NOW);
      const count = (): void => void (turns++, setImmediate(count).unref());
      setImmediate(count).unref();
      expect(await sweeping).toBe(1_200);
      expect(turns).toBeGreaterThanOrEqual(1);
    });
  });
});

describe("the set-up of an SQLite table", () => {
  const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
  const db = { prepare: () => ({ get: () => undefined, run: () => ({ changes: 0 }) }), exec() {} };

  it("sqliteTable refuses what is no database that answers at once, and says what to pass", () => {
    const others: unknown[] = [
      undefined,
      null,
      "sessions.db",
      {},
      () => {}, // Knex
      { ...db, each() {} }, // sqlite3
      { ...db, batch() {} }, // Cloudflare's D1
      { execute() {}, batch() {} }, // @libsql/client
    ];
    for (const other of others) {
      expect(() => sqliteTable(other as SqliteDatabase)).toThrow(config);
      expect(() => sqliteTable(other as SqliteDatabase)).toThrow(/new DatabaseSync\(path\)/);
    }
  });

  it("sqliteTable refuses options that it does not know, and names that are none", () => {
    expect(() => sqliteTable(db, { name: "a" } as object)).toThrow(config);
    for (const table of ["", "a b", 'a"', "a.b", "ä", "a".repeat(64)]) {
      expect(() => sqliteTable(db, { table })).toThrow(config);
    }
  });
});
