// The packages that open an SQLite database and answer at once.
import { load } from "../../tools/load.mjs";

/** @typedef {import("../../../src/tables/sqlite.ts").SqliteDatabase & { close(): unknown }} Database */

/** Milliseconds for which a process waits for the lock of another one. */
const timeout = 10_000;

/** @type {Readonly<Record<string, (path: string) => Promise<Database>>>} */
const DRIVERS = {
  "better-sqlite3": async (path) => {
    const { default: Database } = /** @type {any} */ (await load("better-sqlite3"));
    return new Database(path, { timeout });
  },
  libsql: async (path) => {
    const { default: Database } = /** @type {any} */ (await load("libsql"));
    return new Database(path, { timeout });
  },
  "node:sqlite": async (path) => {
    const { DatabaseSync } = /** @type {any} */ (await load("node:sqlite"));
    return new DatabaseSync(path, { timeout });
  },
  "bun:sqlite": async (path) => {
    const { Database } = /** @type {any} */ (await load("bun:sqlite"));
    const db = new Database(path);
    db.exec(`PRAGMA busy_timeout = ${timeout}`);
    return db;
  },
};

/**
 * Opens a database as docs/stores/sqlite.md says, but for `synchronous`: the tests kill processes, and no machine.
 * @param {string} driver
 * @param {string} path
 * @returns {Promise<Database>}
 */
export async function openSqlite(driver, path) {
  const open = DRIVERS[driver];
  if (!open) throw new Error(`no driver "${driver}"`);
  const db = await open(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  return db;
}
