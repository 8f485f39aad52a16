import { configError, refuseUnknownOptions } from "../../core/errors.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";
import { anotherQuestion } from "../_another-question.ts";
import { judged } from "../_database-error.ts";
import { DEFAULT_TABLE, createStatements, sqliteDdl } from "../sqlite/statements.ts";
import { hasMethods, otherBinding } from "./bindings.ts";

/** A statement of D1, as far as the table calls it. */
interface D1Statement {
  bind(...values: (string | number)[]): D1Statement;
}

interface D1Answer {
  readonly results: readonly unknown[];
  readonly meta: { readonly changes: number };
}

/** The part of a D1 database that the table calls. */
export interface D1Client {
  prepare(sql: string): D1Statement;
  batch(statements: D1Statement[]): Promise<readonly D1Answer[]>;
}

/** Options of {@link d1Table}. */
export interface D1TableOptions {
  /** The table's name. Default `"sojourn_sessions"`. */
  readonly table?: string | undefined;
}

/** A table that can create itself in the database. */
export interface D1Table extends SessionTable {
  /** Makes the table and its index if they are missing, as `npx sojourn ddl sqlite` prints them. */
  migrate(): Promise<void>;
  /** Removes dead rows in batches. A worker's `scheduled` handler calls it. */
  sweep(now: number): Promise<number>;
}

/** The most rows that one statement of a sweep removes. */
const BATCH = 500;

/**
 * Makes a table in Cloudflare's D1. A read and a write take one request each, and so does a conflict.
 * @throws ERR_SESSION_CONFIG for anything but a D1 database
 * @example
 * ```ts
 * import { env } from "cloudflare:workers";
 * import { tableStore } from "sojourn";
 * import { d1Table } from "sojourn/cloudflare";
 *
 * const store = tableStore({ table: d1Table(env.DB) });
 * ```
 */
export function d1Table(db: D1Client, options: D1TableOptions = {}): D1Table {
  const { table = DEFAULT_TABLE, ...others } = options;
  refuseUnknownOptions("d1Table", others, ["table"]);
  if (!hasMethods(db, ["prepare", "batch", "withSession"])) {
    const other = otherBinding(db);
    throw configError(
      `d1Table takes a D1 database, for example d1Table(env.DB)${other === undefined ? "" : `; ${other}`}`,
    );
  }
  const statements = createStatements(table);
  // Every answer repeats the key that was asked for, also the answer that there is no row.
  const columns = "found.value AS value, found.version AS version, found.expires_at AS expires_at";
  const found = `LEFT JOIN "${table}" AS found ON found.handle = asked.handle`;
  const read = `SELECT asked.handle AS asked, ${columns} FROM (SELECT ? AS handle) AS asked ${found}`;
  const readMany = `SELECT asked.handle AS asked, ${columns} FROM (SELECT value AS handle FROM json_each(?)) AS asked ${found}`;
  // After a write that was made, the row itself is not sent: nobody needs it.
  const readUnmade = `${read} AND changes() = 0`;

  const bind = (sql: string, values: readonly (string | number)[]): D1Statement =>
    db.prepare(sql).bind(...values);
  /** Runs statements in one transaction. */
  const run = async (...batch: readonly D1Statement[]): Promise<readonly D1Answer[]> => {
    try {
      return await db.batch([...batch]);
    } catch (error) {
      throw judged(error, isRefusal);
    }
  };
  const change = async (sql: string, values: readonly (string | number)[]): Promise<number> =>
    changes(await run(bind(sql, values)));
  const changeOrRow = async (
    key: string,
    sql: string,
    values: readonly (string | number)[],
  ): Promise<"done" | "gone" | SessionRow> => {
    const answers = await run(bind(sql, values), bind(readUnmade, [key]));
    const row = rowOf(key, answers[1]?.results[0]);
    return changes(answers) > 0 ? "done" : (row ?? "gone");
  };
  return {
    sendsOnce: true,
    async migrate() {
      // D1 prepares one statement at a time.
      const ddl = sqliteDdl(table).split(";\n").filter(Boolean);
      await run(...ddl.map((sql) => db.prepare(sql)));
    },
    async get(key) {
      const [answer] = await run(bind(read, [key]));
      return rowOf(key, answer?.results[0]);
    },
    async getMany(keys) {
      const [answer] = await run(bind(readMany, [JSON.stringify(keys)]));
      const rows = new Map(answer?.results.map((row) => [(row as FoundRow).asked, row]));
      return keys.map((key) => [key, rowOf(key, rows.get(key))] as const);
    },
    insert: async (key, { value, version, expiresAt }) =>
      (await change(statements.insert, [key, value, version, expiresAt])) > 0,
    replace: (key, expected, { value, version, expiresAt }) =>
      changeOrRow(key, statements.replace, [value, version, expiresAt, key, expected]),
    async touch(key, version, expiresAt) {
      const result = await changeOrRow(key, statements.touch, [expiresAt, key, version]);
      return typeof result === "string" ? result : "conflict";
    },
    delete: (key, version) =>
      version === undefined
        ? changeOrRow(key, statements.delete, [key])
        : changeOrRow(key, statements.deleteVersion, [key, version]),
    // Each call sweeps by itself. A request that workerd has stopped would never end a sweep that others wait for.
    async sweep(now) {
      for (let swept = 0; ;) {
        const removed = await change(statements.sweep, [Math.floor(now), BATCH]);
        swept += removed;
        if (removed < BATCH) return swept;
      }
    },
  };
}

/** Gives how many rows the first statement has changed. */
function changes([answer]: readonly D1Answer[]): number {
  return answer?.meta.changes ?? 0;
}

interface FoundRow {
  readonly asked: unknown;
  readonly value: unknown;
  readonly version: unknown;
  readonly expires_at: unknown;
}

/** @throws if it is the answer to another question */
function rowOf(key: string, row: unknown): SessionRow | undefined {
  const { asked, value, version, expires_at: expiresAt } = (row ?? {}) as Partial<FoundRow>;
  if (asked !== key) throw anotherQuestion();
  if (version === null) return undefined;
  return { value: String(value), version: Number(version), expiresAt: Number(expiresAt) };
}

/** What D1 says if it has rolled the batch back, or has not begun it. */
const REFUSAL =
  /^D1_ERROR: .*(?:: SQLITE_(?:AUTH|CONSTRAINT|ERROR|FULL|READONLY|TOOBIG)\b|is overloaded)/s;

function isRefusal(error: unknown): boolean {
  return error instanceof Error && REFUSAL.test(error.message);
}
