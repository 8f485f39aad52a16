import { createHash } from "node:crypto";
import { configError, describe } from "../../core/errors.ts";

/** The default name of the table. */
export const DEFAULT_TABLE = "sojourn_sessions";

/** A statement, and the name under which a connection prepares it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A table's name. It leaves room for the longer name of the index, which PostgreSQL would cut at 63 without a word. */
const NAME = /^(?:[a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,49}$/;

/** Writes the table's name as SQL, so that it may be any word. @throws ERR_SESSION_CONFIG if it is no such name */
function quote(table: unknown): string {
  if (typeof table === "string" && NAME.test(table)) {
    return table
      .split(".")
      .map((part) => `"${part}"`)
      .join(".");
  }
  throw configError(
    `table must be a name of at most 50 lower-case letters, digits and "_", with its schema if needed, got ${describe(table)}`,
  );
}

/**
 * Gives the SQL that makes the table, for people and for migration tools. The index is on the hour of the deadline.
 * Most touches stay within the hour and change no indexed column, so that they are heap-only updates; a part of each
 * page is left free for these.
 * @throws ERR_SESSION_CONFIG if the name is none
 */
export function postgresDdl(table: string = DEFAULT_TABLE): string {
  const name = quote(table);
  const index = `"${table.replace(/^.*\./, "")}_expires_hour"`;
  return `CREATE TABLE IF NOT EXISTS ${name} (
  handle text COLLATE "C" PRIMARY KEY,
  value text NOT NULL,
  version bigint NOT NULL,
  expires_at bigint NOT NULL, -- milliseconds since the epoch
  expires_hour bigint GENERATED ALWAYS AS (expires_at / 3600000) STORED
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS ${index} ON ${name} (expires_hour);
`;
}

/** Gives the same as one statement without notices, which many processes may run at once. */
export function postgresMigration(table: string): Statement {
  // Without the lock, two processes that create the same table at once fail on the name of its row type.
  const text = `DO $$ BEGIN
PERFORM pg_advisory_xact_lock(hashtext('sojourn ${table}')), set_config('client_min_messages', 'warning', true);
${postgresDdl(table)}END $$`;
  return { name: "", text };
}

type Method = "get" | "getMany" | "insert" | "replace" | "touch" | "delete" | "sweep";

/** The answer of a statement that has done its work. A row as text begins with a digit. */
export const DONE = "done";
/** The version of a mark. No row has it. */
const MARK = -1;
/**
 * How long a deleted key refuses an insert, in milliseconds. A driver or a pool that sends again by itself may bring an
 * insert twice, the second time after the row was deleted. A caller that gives no time has the row's deadline for it.
 */
const MARKED_FOR = 15 * 60_000;
/** The answer of a touch that has found another version. */
export const CONFLICT = "conflict";

/**
 * Gives the statements of the table's methods. Each answers with one row of one text always. The text begins with the
 * question: the method, the key, and the new version of a write. Behind it stand version, deadline and value of a row, or
 * one of the words above, or nothing if the key has no row. So an answer to another question is noticed, also one that
 * there is no row, and it does not matter how a client reads numbers, renames columns or decodes the beginning of a text
 * (PGlite drops a byte order mark).
 * @throws ERR_SESSION_CONFIG if the name is none
 */
export function createStatements(table: string): Readonly<Record<Method, Statement>> {
  const name = quote(table);
  // The name has a digest of the text, because other tables and other versions of this file may use the connection.
  const statement = (text: string): Statement => ({
    name: `sojourn_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`,
    text,
  });
  const row = "version || ' ' || expires_at || ' ' || value";
  // A deleted row stays for a while as a mark, which only an insert meets.
  const isRow = `version <> ${MARK}`;
  // The lock makes PostgreSQL read the newest row, and not the one of this statement's snapshot.
  const current = `WITH current AS (
        SELECT handle, value, version, expires_at FROM ${name} WHERE handle = $1 AND ${isRow} FOR UPDATE
      )`;
  const doneOrRow = `SELECT CASE WHEN EXISTS (SELECT FROM changed) THEN '${DONE}' ELSE ${row} END FROM current`;
  const answer = (question: string, rest: string): string =>
    `SELECT ${question} || ' ' || coalesce((${rest}), '') AS answer`;
  return {
    get: statement(
      answer("'get ' || $1::text", `SELECT ${row} FROM ${name} WHERE handle = $1 AND ${isRow}`),
    ),
    // One text for all, so that it does not matter how a client reads arrays.
    getMany: statement(
      answer(
        "'many ' || $1::text",
        `SELECT json_agg(coalesce(${row}, '') ORDER BY place)::text
        FROM unnest(string_to_array($1, ' ')) WITH ORDINALITY AS asked (key, place)
        LEFT JOIN ${name} ON handle = key AND ${isRow}`,
      ),
    ),
    insert: statement(`WITH changed AS (
        INSERT INTO ${name} (handle, value, version, expires_at)
        VALUES ($1, $2, $3::bigint, $4::bigint) ON CONFLICT DO NOTHING RETURNING 1
      )
      ${answer("'insert ' || $1::text || ' ' || $3::bigint", `SELECT '${DONE}' FROM changed`)}`),
    replace: statement(`${current}, changed AS (
        UPDATE ${name} AS row SET value = $2, version = $3::bigint, expires_at = $4::bigint
        FROM current WHERE row.handle = current.handle AND current.version = $5::bigint RETURNING 1
      )
      ${answer("'replace ' || $1::text || ' ' || $3::bigint", doneOrRow)}`),
    touch: statement(`${current}, changed AS (
        UPDATE ${name} AS row SET expires_at = $3::bigint
        FROM current WHERE row.handle = current.handle AND current.version = $2::bigint
          AND current.expires_at < $3::bigint
      )
      ${answer(
        "'touch ' || $1::text",
        `SELECT CASE WHEN version = $2::bigint THEN '${DONE}' ELSE '${CONFLICT}' END FROM current`,
      )}`),
    delete: statement(`${current}, changed AS (
        UPDATE ${name} AS row SET value = '', version = ${MARK},
          expires_at = coalesce($3::bigint, current.expires_at) + ${MARKED_FOR} FROM current
        WHERE row.handle = current.handle AND ($2::bigint IS NULL OR current.version = $2::bigint)
        RETURNING 1
      )
      ${answer("'delete ' || $1::text", doneOrRow)}`),
    // The array makes PostgreSQL choose the rows once, whatever its plan is.
    sweep: statement(`WITH removed AS (
        DELETE FROM ${name} WHERE handle = ANY (ARRAY(
          SELECT handle FROM ${name}
          WHERE expires_hour <= $1::bigint / 3600000 AND expires_at <= $1::bigint
          LIMIT $2::integer FOR UPDATE SKIP LOCKED
        )) RETURNING version
      )
      SELECT 'swept ' || count(*) || ' ' || count(*) FILTER (WHERE ${isRow}) AS answer FROM removed`),
  };
}
