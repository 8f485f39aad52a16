// The databases on disk that several processes share in the tests, opened by the built package.
import { lmdbTable } from "../../../dist/tables/lmdb.js";
import { sqliteTable } from "../../../dist/tables/sqlite.js";
import { openSqlite } from "./sqlite-drivers.mjs";

/**
 * @param {string} database
 * @param {string} path
 * @returns {Promise<{ table: import("../../../dist/core/store.js").SessionTable, close: () => unknown }>}
 */
export async function openTable(database, path) {
  if (database === "lmdb") {
    const table = lmdbTable({ path });
    return { table, close: () => table.close() };
  }
  const db = await openSqlite(database, path);
  const table = sqliteTable(db);
  table.migrate();
  return { table, close: () => db.close() };
}
