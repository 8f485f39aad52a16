import { configError } from "../../core/errors.ts";

/** The default name of the table. */
export const DEFAULT_TABLE = "sojourn_sessions";

/** A table's name: a plain word, so that it needs no rules of quoting beside it. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Writes the table's name as SQL, so that it may be any word. @throws ERR_SESSION_CONFIG if it is no such name */
function quote(table: unknown): string {
  if (typeof table === "string" && NAME.test(table)) return `"${table}"`;
  throw configError(
    `table must be a name of at most 63 letters, digits and "_", got ${JSON.stringify(table)}`,
  );
}

/**
 * Gives the SQL that makes the table, for people and for migration tools.
 * @throws ERR_SESSION_CONFIG if the name is none
 */
export function sqliteDdl(table: string = DEFAULT_TABLE): string {
  const name = quote(table);
  return `CREATE TABLE IF NOT EXISTS ${name} (
  handle TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL,
  version INTEGER NOT NULL,
  expires_at INTEGER NOT NULL -- milliseconds since the epoch
);
CREATE INDEX IF NOT EXISTS "${table}_expires_at" ON ${name} (expires_at);
`;
}

type Method = "get" | "insert" | "replace" | "touch" | "delete" | "deleteVersion" | "sweep";

/**
 * Gives the statements of the table's methods. Each is a transaction of its own: SQLite compares and sets in one step.
 * @throws ERR_SESSION_CONFIG if the name is none
 */
export function createStatements(table: string): Readonly<Record<Method, string>> {
  const name = quote(table);
  return {
    get: `SELECT value, version, expires_at FROM ${name} WHERE handle = ?`,
    insert: `INSERT INTO ${name} (handle, value, version, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    replace: `UPDATE ${name} SET value = ?, version = ?, expires_at = ? WHERE handle = ? AND version = ?`,
    touch: `UPDATE ${name} SET expires_at = max(expires_at, ?) WHERE handle = ? AND version = ?`,
    delete: `DELETE FROM ${name} WHERE handle = ?`,
    deleteVersion: `DELETE FROM ${name} WHERE handle = ? AND version = ?`,
    sweep: `DELETE FROM ${name} WHERE handle IN (SELECT handle FROM ${name} WHERE expires_at <= ? LIMIT ?)`,
  };
}
