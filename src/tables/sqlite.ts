/** Sessions in SQLite, through a database that you have opened. */
import { configError, refuseUnknownOptions } from "../core/errors.ts";
import { refused } from "../core/store-errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { judged } from "./_database-error.ts";
import { singleRun } from "./_single-run.ts";
import { isRefusal } from "./sqlite/refusals.ts";
import { DEFAULT_TABLE, createStatements, sqliteDdl } from "./sqlite/statements.ts";

/** A statement of one of these packages, as far as the table calls it. */
interface SqliteStatement {
  get(...values: (string | number)[]): unknown;
  run(...values: (string | number)[]): { readonly changes: number | bigint };
}

/** The part of better-sqlite3, `node:sqlite`, `bun:sqlite` and libsql that the table calls. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  /** Whether a transaction is open, by the name of better-sqlite3 and Bun. */
  readonly inTransaction?: boolean;
  /** The same by the name of Node. */
  readonly isTransaction?: boolean;
}

/** Options of {@link sqliteTable}. */
export interface SqliteTableOptions {
  /** The table's name. Default `"sojourn_sessions"`. */
  readonly table?: string | undefined;
}

/** A table that can create itself in the database. */
export interface SqliteTable extends SessionTable {
  get(key: string): SessionRow | undefined;
  /** `true` for a database in memory, which ends with its connection. */
  readonly forgets: boolean;
  /** Makes the table and its index if they are missing, as `npx sojourn ddl sqlite` prints them. */
  migrate(): void;
  /** Removes dead rows in batches, between which other work has its turn. */
  sweep(now: number): Promise<number>;
}

/** The most rows that one statement of a sweep removes: other processes cannot write meanwhile. */
const BATCH = 500;

/**
 * Makes a table in SQLite 3.24 or later. Each method answers at once. Many processes of one machine may share the file.
 * Give the table a connection of its own: it refuses to work inside a transaction of the application, because a
 * rollback would take a log-out back.
 * @throws ERR_SESSION_CONFIG for anything but a database of better-sqlite3, `node:sqlite`, `bun:sqlite` or libsql
 * @example
 * ```ts
 * import { DatabaseSync } from "node:sqlite";
 * import { tableStore } from "sojourn";
 * import { sqliteTable } from "sojourn/sqlite";
 *
 * const db = new DatabaseSync("sessions.db", { timeout: 1000 });
 * db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
 * const table = sqliteTable(db);
 * table.migrate();
 * const store = tableStore({ table });
 * ```
 */
export function sqliteTable(db: SqliteDatabase, options: SqliteTableOptions = {}): SqliteTable {
  const { table = DEFAULT_TABLE, ...others } = options;
  refuseUnknownOptions("sqliteTable", others, ["table"]);
  if (!isSqlite(db)) {
    throw configError(
      "sqliteTable takes a database that answers at once: of better-sqlite3, node:sqlite, bun:sqlite or libsql; for " +
        "example sqliteTable(new DatabaseSync(path)). Of an ORM, pass the database below it. Cloudflare's D1 belongs to " +
        "d1Table of sojourn/cloudflare",
    );
  }
  const statements = createStatements(table);
  const prepared = new Map<string, SqliteStatement>();
  // A statement is prepared at its first use, because the table may not be there before migrate().
  const statement = (sql: string): SqliteStatement => {
    let found = prepared.get(sql);
    if (!found) prepared.set(sql, (found = db.prepare(sql)));
    return found;
  };
  const get = (key: string): SessionRow | undefined =>
    asked(() => toRow(statement(statements.get).get(key)));
  const change = (sql: string, values: readonly (string | number)[]): number => {
    if (db.inTransaction === true || db.isTransaction === true) {
      throw refused(
        new Error("a transaction is open on this connection: open another one for sessions"),
      );
    }
    return asked(() => Number(statement(sql).run(...values).changes));
  };
  const changeOrRow = (
    key: string,
    sql: string,
    values: readonly (string | number)[],
  ): "done" | "gone" | SessionRow => (change(sql, values) > 0 ? "done" : (get(key) ?? "gone"));
  const sweepAll = async (now: number): Promise<number> => {
    let swept = 0;
    for (;;) {
      const removed = change(statements.sweep, [Math.floor(now), BATCH]);
      swept += removed;
      if (removed < BATCH) return swept;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    sendsOnce: true,
    // Asked of the database, because each package says it otherwise: one without a file ends with its connection.
    get forgets() {
      const { file } = db.prepare("PRAGMA database_list").get() as { readonly file?: unknown };
      return file === "";
    },
    migrate: () => void db.exec(sqliteDdl(table)),
    get,
    insert: (key, { value, version, expiresAt }) =>
      change(statements.insert, [key, value, version, expiresAt]) > 0,
    replace: (key, expected, { value, version, expiresAt }) =>
      changeOrRow(key, statements.replace, [value, version, expiresAt, key, expected]),
    touch(key, version, expiresAt) {
      const result = changeOrRow(key, statements.touch, [expiresAt, key, version]);
      return typeof result === "string" ? result : "conflict";
    },
    delete: (key, version) =>
      version === undefined
        ? changeOrRow(key, statements.delete, [key])
        : changeOrRow(key, statements.deleteVersion, [key, version]),
    sweep: singleRun(sweepAll),
  };
}

/** Asks the database. It answers at once, so that no answer is lost. */
function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw judged(error, isRefusal);
  }
}

function isSqlite(db: unknown): db is SqliteDatabase {
  if (typeof db !== "object" || db === null) return false;
  // sqlite3 has `each`, and Cloudflare's D1 has `batch`: their statements answer later.
  const { prepare, exec, each, batch } = db as Readonly<Record<string, unknown>>;
  return (
    typeof prepare === "function" &&
    typeof exec === "function" &&
    each === undefined &&
    batch === undefined
  );
}

/** Bun gives `null` for no row, and a database may be set to give integers as BigInt. */
function toRow(found: unknown): SessionRow | undefined {
  if (found === undefined || found === null) return undefined;
  const { value, version, expires_at } = found as Readonly<Record<string, unknown>>;
  return { value: String(value), version: Number(version), expiresAt: Number(expires_at) };
}
