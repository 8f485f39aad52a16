/** Sessions in MySQL or MariaDB, through a pool of mysql2 that you already have. */
import { configError, refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { anotherQuestion } from "./_another-question.ts";
import { runAgain } from "./_run-again.ts";
import { singleRun } from "./_single-run.ts";
import { isRefusal } from "./mysql/refusals.ts";
import { DEFAULT_TABLE, createStatements, mysqlDdl } from "./mysql/statements.ts";

/** The part of `mysql2/promise` that the table calls: a pool, or a connection. */
export interface MysqlClient {
  execute(sql: string, values: (string | number)[]): Promise<readonly [unknown, ...unknown[]]>;
}

/** The part of `mysql2` that the table calls: a pool that takes callbacks. */
export interface MysqlCallbackClient {
  promise(): MysqlClient;
}

/** Options of {@link mysqlTable}. */
export interface MysqlTableOptions {
  /** The table's name, with its database if it needs one. Default `"sojourn_sessions"`. */
  readonly table?: string | undefined;
}

/** A table that can create itself in the database. */
export interface MysqlTable extends SessionTable {
  /** Makes the table and its index if they are missing, as `npx sojourn ddl mysql` prints them. */
  migrate(): Promise<void>;
  /** Removes dead rows in batches, each of which locks only what it removes. */
  sweep(now: number): Promise<number>;
}

/** The most rows that the statement of a sweep removes. */
const BATCH = 500;

/**
 * Makes a table in MySQL 8 or MariaDB 10.6 and later. A read and a write take one round trip each, a conflict one more.
 * @throws ERR_SESSION_CONFIG for anything but a pool or a connection of mysql2
 * @example
 * ```ts
 * import { createPool } from "mysql2/promise";
 * import { tableStore } from "sojourn";
 * import { mysqlTable } from "sojourn/mysql";
 *
 * const table = mysqlTable(createPool({ uri: process.env["DATABASE_URL"] ?? "" }));
 * await table.migrate();
 * const store = tableStore({ table });
 * ```
 */
export function mysqlTable(
  client: MysqlClient | MysqlCallbackClient,
  options: MysqlTableOptions = {},
): MysqlTable {
  const { table = DEFAULT_TABLE, ...others } = options;
  refuseUnknownOptions("mysqlTable", others, ["table"]);
  const statements = createStatements(table);
  const run = runner(promised(client));
  const change = async (sql: string, values: (string | number)[]): Promise<number> =>
    Number(((await run(sql, values)) as { affectedRows: unknown }).affectedRows);
  const get = async (key: string): Promise<SessionRow | undefined> =>
    toRow(key, await run(statements.get, [key]));
  const sweepAll = async (now: number): Promise<number> => {
    let swept = 0;
    for (;;) {
      const removed = await change(statements.sweep, [Math.floor(now)]);
      swept += removed;
      if (removed < BATCH) return swept;
    }
  };
  return {
    sendsOnce: true,
    async migrate() {
      await run(mysqlDdl(table), []);
    },
    get,
    async getMany(keys) {
      const rows = (await run(statements.getMany, [JSON.stringify(keys)])) as readonly object[];
      const found = new Map(rows.map((row) => [Object.values(row)[0] as unknown, row]));
      return keys.map((key) => [key, toRow(key, [found.get(key)])] as const);
    },
    async insert(key, { value, version, expiresAt }) {
      try {
        return (await change(statements.insert, [key, value, version, expiresAt])) > 0;
      } catch (error) {
        if ((error as { errno?: unknown }).errno === DUPLICATE) return false;
        throw error;
      }
    },
    async replace(key, expected, { value, version, expiresAt }) {
      const values = [value, version, expiresAt, key, expected];
      if ((await change(statements.replace, values)) > 0) return "done";
      return (await get(key)) ?? "gone";
    },
    async touch(key, version, expiresAt) {
      if ((await change(statements.touch, [expiresAt, key, version])) > 0) return "done";
      const found = await get(key);
      if (!found) return "gone";
      // A client without the flag FOUND_ROWS counts a row only if its deadline has moved.
      return found.version === version ? "done" : "conflict";
    },
    async delete(key, version) {
      const done =
        version === undefined
          ? await change(statements.delete, [key])
          : await change(statements.deleteVersion, [key, version]);
      return done > 0 ? "done" : ((await get(key)) ?? "gone");
    },
    // One sweep runs at a time, so that a long one does not take more and more of the pool.
    sweep: singleRun(sweepAll),
  };
}

const DUPLICATE = 1062;
/** The code of a deadlock: the server has undone the statement. */
const DEADLOCK = 1213;

type Run = (sql: string, values: (string | number)[]) => Promise<unknown>;

/** Runs a statement, and again if the server has undone it. Gives its rows, or what it has changed. */
function runner(client: MysqlClient): Run {
  return async (sql, values) => {
    const [result] = await runAgain(() => client.execute(sql, values), isDeadlock, isRefusal);
    return result;
  };
}

function isDeadlock(error: unknown): boolean {
  return (error as { readonly errno?: unknown }).errno === DEADLOCK;
}

function promised(client: unknown): MysqlClient {
  if (typeof client === "object" && client !== null) {
    const { execute, promise, batch } = client as Readonly<Record<string, unknown>>;
    // The connector of MariaDB has `batch`, and answers in another shape.
    if (typeof execute === "function" && batch === undefined) {
      return typeof promise === "function"
        ? (client as MysqlCallbackClient).promise()
        : (client as MysqlClient);
    }
  }
  throw configError(
    "mysqlTable takes a pool of mysql2, for example mysqlTable(createPool(url)). Of an ORM, pass the pool below it",
  );
}

/** Reads the columns by their order, because a client may rename them, or give a row as an array. */
function toRow(key: string, rows: unknown): SessionRow | undefined {
  const [row] = rows as readonly (object | undefined)[];
  const [asked, value, version, expiresAt] = Object.values(row ?? {}) as unknown[];
  if (asked !== key) throw anotherQuestion();
  if (version === null) return undefined;
  return { value: String(value), version: Number(version), expiresAt: Number(expiresAt) };
}
