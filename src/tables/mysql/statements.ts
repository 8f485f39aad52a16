import { configError } from "../../core/errors.ts";

/** The default name of the table. */
export const DEFAULT_TABLE = "sojourn_sessions";

/** A table's name. It leaves room for the longer name of the index, of which MySQL takes 64 characters. */
const NAME = /^(?:[A-Za-z_][A-Za-z0-9_]{0,63}\.)?[A-Za-z_][A-Za-z0-9_]{0,49}$/;

/** Writes the table's name as SQL, so that it may be any word. @throws ERR_SESSION_CONFIG if it is no such name */
function quote(table: unknown): string {
  if (typeof table === "string" && NAME.test(table)) return `\`${table.replace(".", "`.`")}\``;
  throw configError(
    `table must be a name of at most 50 letters, digits and "_", with its database if needed, got ${JSON.stringify(table)}`,
  );
}

/**
 * Gives the SQL that makes the table, for people and for migration tools.
 * @throws ERR_SESSION_CONFIG if the name is none
 */
export function mysqlDdl(table: string = DEFAULT_TABLE): string {
  const name = quote(table);
  return `CREATE TABLE IF NOT EXISTS ${name} (
  handle VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  value LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  version BIGINT NOT NULL,
  expires_at BIGINT NOT NULL, -- milliseconds since the epoch
  KEY ${quote(`${table.replace(/^.*\./, "")}_expires_at`.slice(0, 50))} (expires_at)
) ENGINE = InnoDB;
`;
}

type Method =
  | "get"
  | "getMany"
  | "insert"
  | "replace"
  | "touch"
  | "delete"
  | "deleteVersion"
  | "sweep";

/**
 * Gives the statements of the table's methods. Each is a transaction of its own. The one that reads answers with one row
 * always, and repeats the key that was asked for.
 * @throws ERR_SESSION_CONFIG if the name is none
 */
export function createStatements(table: string): Readonly<Record<Method, string>> {
  const name = quote(table);
  return {
    get: `SELECT asked.handle, found.value, found.version, found.expires_at
      FROM (SELECT ? AS handle) AS asked LEFT JOIN ${name} AS found
      ON found.handle = CONVERT(asked.handle USING ascii) COLLATE ascii_bin`,
    // The keys are one value, so that one statement serves any number of them.
    getMany: `SELECT asked.handle, found.value, found.version, found.expires_at
      FROM JSON_TABLE(?, '$[*]' COLUMNS (handle VARCHAR(64) PATH '$')) AS asked LEFT JOIN ${name} AS found
      ON found.handle = CONVERT(asked.handle USING ascii) COLLATE ascii_bin`,
    insert: `INSERT INTO ${name} (handle, value, version, expires_at) VALUES (?, ?, ?, ?)`,
    replace: `UPDATE ${name} SET value = ?, version = ?, expires_at = ? WHERE handle = ? AND version = ?`,
    touch: `UPDATE ${name} SET expires_at = GREATEST(expires_at, ?) WHERE handle = ? AND version = ?`,
    delete: `DELETE FROM ${name} WHERE handle = ?`,
    deleteVersion: `DELETE FROM ${name} WHERE handle = ? AND version = ?`,
    sweep: `DELETE FROM ${name} WHERE expires_at <= ? ORDER BY expires_at LIMIT 500`,
  };
}
