import process from "node:process";
import { describe, expect } from "vitest";
import { sqliteTable } from "../../../src/tables/sqlite.ts";
import type { SqliteDatabase } from "../../../src/tables/sqlite.ts";
import { testRefusals } from "../../contracts/tables/refusals.ts";
import type { RefusalCase, Refusing } from "../../contracts/tables/refusals.ts";
import { openSqlite } from "../../support/tables/sqlite-drivers.mjs";
import { openSqliteTable } from "../../support/tables/sqlite-table.ts";

interface RefusingSqlite extends Refusing {
  readonly db: SqliteDatabase;
  /** Another connection to the same file. */
  readonly other: SqliteDatabase;
}

const statements =
  (refuse: string, allow: string, by: "db" | "other" = "db"): RefusalCase<RefusingSqlite>[1] =>
  async (opened) => {
    opened[by].exec(refuse);
    return () => opened[by].exec(allow);
  };

const NEWER = Number(process.versions.node.split(".")[0]) >= 22;
const DRIVERS = NEWER ? ["better-sqlite3", "node:sqlite"] : ["libsql"];

/** Node gives the code as a number, and the other packages give its name. */
const cause = (name: string, number: number): object =>
  expect.toSatisfy(
    ({ code, errcode }: { code?: unknown; errcode?: number }) =>
      String(code).startsWith(name) || ((errcode ?? 0) & 0xff) === number,
  ) as object;

const CASES: readonly RefusalCase<RefusingSqlite>[] = [
  [
    "a lock of another process",
    statements("BEGIN IMMEDIATE", "ROLLBACK", "other"),
    cause("SQLITE_BUSY", 5),
  ],
  [
    "being read-only",
    statements("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    cause("SQLITE_READONLY", 8),
  ],
  [
    "a full file",
    // The file must not grow, and each write fills some more of it.
    statements(
      `CREATE TRIGGER grow BEFORE UPDATE ON sojourn_sessions BEGIN INSERT INTO filler VALUES (zeroblob(100000)); END;
       PRAGMA max_page_count = 1`,
      "PRAGMA max_page_count = 1000000; DROP TRIGGER grow",
    ),
    cause("SQLITE_FULL", 13),
  ],
  [
    "a transaction of the application",
    statements("BEGIN", "ROLLBACK"),
    { message: expect.stringContaining("transaction is open") },
  ],
];

/** The database, of which each question is counted. */
function counted(db: SqliteDatabase, calls: { trips: number }): SqliteDatabase {
  return {
    exec: (sql) => db.exec(sql),
    prepare(sql) {
      const statement = db.prepare(sql);
      return {
        get: (...values) => (calls.trips++, statement.get(...values)),
        run: (...values) => (calls.trips++, statement.run(...values)),
      };
    },
    get inTransaction() {
      return db.inTransaction === true || db.isTransaction === true;
    },
  };
}

describe.each(DRIVERS)("SQLite by %s, which refuses", (driver) => {
  testRefusals(async (): Promise<RefusingSqlite> => {
    const { db, path, close } = await openSqliteTable(driver);
    const other = await openSqlite(driver, path);
    db.exec("PRAGMA busy_timeout = 1; CREATE TABLE filler (x)");
    const calls = { trips: 0 };
    return {
      table: sqliteTable(counted(db, calls)),
      calls,
      db,
      other,
      close() {
        other.close();
        close();
      },
    };
  }, CASES);
});
