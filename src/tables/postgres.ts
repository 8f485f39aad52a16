/** Sessions in PostgreSQL, through a pool that you already have. */
import { configError, refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { hearErrors } from "./_client-errors.ts";
import { singleRun } from "./_single-run.ts";
import { asker, runner, toResult, toRow } from "./postgres/asker.ts";
import { queryOf } from "./postgres/clients.ts";
import type { PgClient, PgliteClient, PostgresJsClient } from "./postgres/clients.ts";
import {
  CONFLICT,
  DEFAULT_TABLE,
  DONE,
  createStatements,
  postgresMigration,
} from "./postgres/statements.ts";

export type { PgClient, PgliteClient, PostgresJsClient } from "./postgres/clients.ts";

/** Options of {@link postgresTable}. */
export interface PostgresTableOptions {
  /** The table's name, with its schema if it needs one. Default `"sojourn_sessions"`. */
  readonly table?: string | undefined;
  /**
   * Whether statements are prepared, once per connection. Default `true`. Set `false` for a pooler that gives each
   * statement another connection and does not support prepared statements.
   */
  readonly prepare?: boolean | undefined;
}

/** A table that can create itself in the database. */
export interface PostgresTable extends SessionTable {
  /** Makes the table and its index if they are missing, as `npx sojourn ddl postgres` prints them. */
  migrate(): Promise<void>;
  /** Removes dead rows in batches that lock only what they remove. Several processes may sweep at once. */
  sweep(now: number): Promise<number>;
}

/** The most rows that one statement of a sweep removes. */
const BATCH = 1000;

/**
 * Makes a table in PostgreSQL 13 or later. Each method takes one round trip. A conflict returns the current row in the
 * same round trip.
 * @throws ERR_SESSION_CONFIG for anything but a client of pg, postgres.js or PGlite
 * @example
 * ```ts
 * import { Pool } from "pg";
 * import { tableStore } from "sojourn";
 * import { postgresTable } from "sojourn/postgres";
 *
 * const table = postgresTable(new Pool());
 * await table.migrate();
 * const store = tableStore({ table });
 * ```
 */
export function postgresTable(
  client: PgClient | PostgresJsClient | PgliteClient,
  options: PostgresTableOptions = {},
): PostgresTable {
  const { table = DEFAULT_TABLE, prepare = true, ...others } = options;
  refuseUnknownOptions("postgresTable", others, ["table", "prepare"]);
  if (typeof prepare !== "boolean") {
    throw configError(`prepare must be true or false, got ${typeof prepare}`);
  }
  const statements = createStatements(table);
  const run = runner(queryOf(client, prepare));
  hearErrors(client, "postgresTable");
  const ask = asker(run);
  const sweepAll = async (now: number): Promise<number> => {
    let swept = 0;
    for (;;) {
      const answer = await ask(statements.sweep, "swept", [Math.floor(now), BATCH]);
      const [removed = 0, rows = 0] = answer.split(" ").map(Number);
      swept += rows;
      if (removed < BATCH) return swept;
    }
  };
  return {
    sendsOnce: true,
    async migrate() {
      await run(postgresMigration(table), []);
    },
    async get(key) {
      return toRow(await ask(statements.get, `get ${key}`, [key]));
    },
    async getMany(keys) {
      const text = keys.join(" ");
      const answers = JSON.parse(await ask(statements.getMany, `many ${text}`, [text])) as string[];
      return keys.map((key, i) => [key, toRow(answers[i] ?? "")] as const);
    },
    async insert(key, row) {
      const values = [key, ...columns(row)];
      return (await ask(statements.insert, `insert ${key} ${row.version}`, values)) === DONE;
    },
    async replace(key, version, row) {
      const values = [key, ...columns(row), version];
      return toResult(await ask(statements.replace, `replace ${key} ${row.version}`, values));
    },
    async touch(key, version, expiresAt) {
      const answer = await ask(statements.touch, `touch ${key}`, [key, version, expiresAt]);
      if (answer === "") return "gone";
      return answer === CONFLICT ? "conflict" : "done";
    },
    async delete(key, version, now) {
      const time = now === undefined ? null : Math.ceil(now);
      return toResult(await ask(statements.delete, `delete ${key}`, [key, version ?? null, time]));
    },
    // One sweep runs at a time, so that a long one does not take more and more of the pool.
    sweep: singleRun(sweepAll),
  };
}

function columns({ value, version, expiresAt }: SessionRow): unknown[] {
  return [value, version, expiresAt];
}
