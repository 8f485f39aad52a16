// Tables of SQLite with faults that only another process meets: node planted-child.mjs <fault> <path>.
import process from "node:process";
import { sqliteTable } from "../../../dist/tables/sqlite.js";
import { tableContractChild } from "../../../dist/testing/index.js";
import { openSqlite } from "../../support/tables/sqlite-drivers.mjs";

/** @typedef {import("../../../dist/core/store.js").SessionTable} SessionTable */
/** @typedef {import("../../../dist/core/store.js").SessionRow} SessionRow */
/** @typedef {import("../../../dist/tables/sqlite.js").SqliteTable} SqliteTable */
/** @typedef {Awaited<ReturnType<typeof openSqlite>>} Database */

const UPDATE =
  "UPDATE sojourn_sessions SET value = ?, version = ?, expires_at = ? WHERE handle = ?";

/** @type {Readonly<Record<string, (table: SqliteTable, db: Database) => Partial<SessionTable>>>} */
const FAULTS = {
  none: () => ({}),
  "reads and writes at once, and with no transaction": (table, db) => ({
    replace(key, version, { value, version: next, expiresAt }) {
      const current = table.get(key);
      if (!current) return "gone";
      if (current.version !== version) return current;
      db.prepare(UPDATE).run(value, next, expiresAt, key);
      return "done";
    },
  }),
  "stores a moment after it has said so": (table) => {
    /** @type {Map<string, SessionRow>} */
    const written = new Map();
    return {
      get: (key) => written.get(key) ?? table.get(key),
      replace(key, version, row, now) {
        const current = written.get(key) ?? table.get(key);
        if (!current) return "gone";
        if (current.version !== version) return current;
        written.set(key, row);
        setTimeout(() => {
          void table.replace(key, table.get(key)?.version ?? 0, row, now);
          if (written.get(key) === row) written.delete(key);
        }, 100);
        return "done";
      },
    };
  },
  "keeps rows in the process": () => {
    /** @type {Map<string, SessionRow>} */
    const rows = new Map();
    return {
      get: (key) => rows.get(key),
      insert(key, row) {
        if (rows.has(key)) return false;
        rows.set(key, row);
        return true;
      },
      delete: (key) => (rows.delete(key) ? "done" : "gone"),
    };
  },
};

/**
 * @param {string} fault
 * @param {string} path
 */
export async function openPlanted(fault, path) {
  const db = await openSqlite("libsql", path);
  const table = sqliteTable(db);
  table.migrate();
  return { table: { ...table, ...FAULTS[fault]?.(table, db) }, close: () => void db.close() };
}

if (process.argv[1] === import.meta.filename) void tableContractChild(openPlanted);
