/** An SQLite table of a test's own, in a file that goes with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteTable } from "../../../src/tables/sqlite.ts";
import type { SqliteDatabase, SqliteTable } from "../../../src/tables/sqlite.ts";
import { openSqlite } from "./sqlite-drivers.mjs";

export interface OpenSqlite {
  readonly table: SqliteTable;
  readonly db: SqliteDatabase & { close(): unknown };
  readonly path: string;
  close(): void;
}

export async function openSqliteTable(driver: string): Promise<OpenSqlite> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-sqlite-"));
  const path = join(folder, "sessions.db");
  const db = await openSqlite(driver, path);
  const table = sqliteTable(db);
  table.migrate();
  return {
    table,
    db,
    path,
    close() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
