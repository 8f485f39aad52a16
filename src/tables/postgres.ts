/** Sessions in PostgreSQL, through a pool that you already have. */
import { configError, refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { singleRun } from "./_single-run.ts";
import { runAgain } from "./_run-again.ts";
import {
  CONFLICT,
  DEFAULT_TABLE,
  DONE,
  createStatements,
  postgresMigration,
} from "./postgres/statements.ts";
import { isRefusal } from "./postgres/refusals.ts";
import type { Statement } from "./postgres/statements.ts";
import { sqlStateOf } from "./postgres/sql-state.ts";
import { noClient, refuseOthers } from "./postgres/wrong-client.ts";

/** The part of `pg` that the table calls: a `Pool` or a `Client`. */
export interface PgClient {
  query(query: {
    name?: string;
    text: string;
    values: unknown[];
  }): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The part of postgres.js that the table calls: the result of `postgres()`. */
export interface PostgresJsClient {
  unsafe(
    text: string,
    values: never[],
    options: { prepare: boolean },
  ): PromiseLike<readonly unknown[]>;
}

/** The part of PGlite that the table calls. */
export interface PgliteClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  readonly waitReady: Promise<void>;
}

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
  const ask = asker(queryOf(client, prepare));
  const sweepAll = async (now: number): Promise<number> => {
    let swept = 0;
    for (;;) {
      const answer = (await ask(statements.sweep, [Math.floor(now), BATCH])) ?? "";
      const [removed = 0, rows = 0] = answer.split(" ").map(Number);
      swept += rows;
      if (removed < BATCH) return swept;
    }
  };
  return {
    async migrate() {
      await ask(postgresMigration(table), []);
    },
    async get(key) {
      const answer = await ask(statements.get, [key]);
      return answer === undefined ? undefined : toRow(answer);
    },
    async getMany(keys) {
      const answers = JSON.parse(
        (await ask(statements.getMany, [keys.join(" ")])) ?? "[]",
      ) as string[];
      return answers.map((answer) => {
        const end = answer.indexOf(" ");
        const text = answer.slice(end + 1);
        return [answer.slice(0, end), text === "" ? undefined : toRow(text)] as const;
      });
    },
    async insert(key, row) {
      return (await ask(statements.insert, [key, ...columns(row)])) === DONE;
    },
    async replace(key, version, row) {
      return toResult(await ask(statements.replace, [key, ...columns(row), version]));
    },
    async touch(key, version, expiresAt) {
      const answer = await ask(statements.touch, [key, version, expiresAt]);
      if (answer === undefined) return "gone";
      return answer === CONFLICT ? "conflict" : "done";
    },
    async delete(key, version, now) {
      const time = now === undefined ? null : Math.ceil(now);
      return toResult(await ask(statements.delete, [key, version ?? null, time]));
    },
    // One sweep runs at a time, so that a long one does not take more and more of the pool.
    sweep: singleRun(sweepAll),
  };
}

type Query = (statement: Statement, values: unknown[]) => Promise<readonly unknown[]>;

/** The three clients call the same statements differently. */
function queryOf(client: PgClient | PostgresJsClient | PgliteClient, prepare: boolean): Query {
  refuseOthers(client);
  if (typeof client === "function" && "unsafe" in client && "begin" in client) {
    const sql: PostgresJsClient = client;
    return async ({ text, name }, values) =>
      sql.unsafe(text, values as never[], { prepare: prepare && name !== "" });
  }
  if (typeof client === "object" && client !== null && "waitReady" in client) {
    return async ({ text }, values) => (await client.query(text, values)).rows;
  }
  if (isPg(client)) {
    return async ({ text, name }, values) =>
      (await client.query(prepare ? { name, text, values } : { text, values })).rows;
  }
  throw noClient();
}

function isPg(client: unknown): client is PgClient {
  if (typeof client !== "object" || client === null) return false;
  return typeof (client as Readonly<Record<string, unknown>>)["query"] === "function";
}

/** The codes with which the server has undone a statement: a conflict above READ COMMITTED, and a deadlock. */
const UNDONE: readonly unknown[] = ["40001", "40P01"];

type Ask = (statement: Statement, values: unknown[]) => Promise<string | undefined>;

/** Runs a statement, and again if the server has undone it. Gives the text of the answer, if there is a row. */
function asker(query: Query): Ask {
  return async (statement, values) => {
    const [row] = await runAgain(() => query(statement, values), isUndone, isRefusal);
    return row === undefined ? undefined : String(Object.values(row as object)[0]);
  };
}

function isUndone(error: unknown): boolean {
  return UNDONE.includes(sqlStateOf(error));
}

function columns({ value, version, expiresAt }: SessionRow): unknown[] {
  return [value, version, expiresAt];
}

function toResult(answer: string | undefined): "done" | "gone" | SessionRow {
  if (answer === undefined) return "gone";
  return answer === DONE ? "done" : toRow(answer);
}

/** Reads version, deadline and value, with a space between them. */
function toRow(text: string): SessionRow {
  const first = text.indexOf(" ");
  const second = text.indexOf(" ", first + 1);
  return {
    value: text.slice(second + 1),
    version: Number(text.slice(0, first)),
    expiresAt: Number(text.slice(first + 1, second)),
  };
}
