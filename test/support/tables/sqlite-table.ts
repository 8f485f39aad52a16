/** An SQLite table of a test's own, in a file that goes with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteTable } from "../../../src/tables/sqlite.ts";
import type { SqliteDatabase, SqliteTable } from "../../../src/tables/sqlite.ts";
import type { TableChild } from "../../../src/testing/contract/open-table.ts";
import { contractChild } from "./contract-child.ts";
import { openSqlite } from "./sqlite-drivers.mjs";

export interface OpenSqlite {
  readonly table: SqliteTable;
  /** By a connection of its own. */
  readonly other: SqliteTable;
  readonly child: TableChild;
  readonly db: SqliteDatabase & { close(): unknown };
  readonly path: string;
  fail(): void;
  close(): void;
}

export async function openSqliteTable(driver: string): Promise<OpenSqlite> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-sqlite-"));
  const path = join(folder, "sessions.db");
  const db = await openSqlite(driver, path);
  const table = sqliteTable(db);
  table.migrate();
  const otherDb = await openSqlite(driver, path);
  return {
    table,
    other: sqliteTable(otherDb),
    child: contractChild(driver, path),
    db,
    path,
    // The database libsql ends the process if it is asked after it was closed.
    fail: () => void db.exec("DROP TABLE sojourn_sessions"),
    close() {
      otherDb.close();
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
