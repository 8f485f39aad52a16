import { configError, describe, refuseUnknownOptions } from "../core/errors.ts";
import { readNumber } from "../core/numbers.ts";
import type { SessionTable } from "../core/store.ts";
import { MemoryTable } from "./memory/memory-table.ts";
import type { MemoryTableOptions } from "./memory/memory-table.ts";

const METHODS = ["get", "insert", "replace", "touch", "delete"] as const;

interface NamedTable {
  readonly table: MemoryTable;
  readonly maxRows: number;
}

const TABLES = Symbol.for("sojourn.tables");

/** The tables that have a name: one list per process, as in ETS, even if a bundler has copied this module. */
const tables: Map<string, NamedTable> = ((globalThis as { [TABLES]?: Map<string, NamedTable> })[
  TABLES
] ??= new Map());

/**
 * Makes a table in this process's memory. If it has a name, `tableStore({ table: name })` finds it. A second call with
 * the same name and options gives the same table, so that a module may be evaluated twice.
 * @throws ERR_SESSION_CONFIG if a table with other options has the name
 * @example
 * ```ts
 * import { createTable, tableStore } from "sojourn";
 *
 * createTable("sessions", { maxRows: 100_000 });
 * const store = tableStore({ table: "sessions" });
 * ```
 */
export function createTable(name?: string, options: MemoryTableOptions = {}): SessionTable {
  const maxRows = readMaxRows(options);
  if (name === undefined) return new MemoryTable(maxRows);
  if (typeof name !== "string" || name === "") {
    throw configError(`a table's name must be text, got ${describe(name)}`);
  }
  const existing = tables.get(name);
  if (existing && existing.maxRows !== maxRows) {
    throw configError(
      `the table ${describe(name)} exists already, with maxRows ${existing.maxRows}; asked for ${maxRows}`,
    );
  }
  if (existing) return existing.table;
  const table = new MemoryTable(maxRows);
  tables.set(name, { table, maxRows });
  return table;
}

/** Gives the table that an option names or is. @throws ERR_SESSION_CONFIG if there is none */
export function findTable(table: unknown): SessionTable {
  if (isTable(table)) return table;
  if (typeof table !== "string") {
    throw configError(
      `table must be a table or the name of one, got ${describe(table)}; ` +
        `for example tableStore({ table: createTable("sessions") })`,
    );
  }
  const named = tables.get(table);
  if (named) return named.table;
  const shown = describe(table);
  // What is not shown is no name: a URL, perhaps with a password, or a secret.
  const advice = shown.includes(table)
    ? `call createTable(${shown}) above the store, in the same module or one imported before: imports run before the ` +
      "code below them"
    : "a table in a database is made of a client: redisTable(client), postgresTable(pool), lmdbTable({ path })";
  throw configError(`the table ${shown} does not exist; ${advice}`);
}

function isTable(table: unknown): table is SessionTable {
  if (typeof table !== "object" || table === null) return false;
  return METHODS.every(
    (method) => typeof (table as Record<string, unknown>)[method] === "function",
  );
}

function readMaxRows({ maxRows, ...others }: MemoryTableOptions): number {
  refuseUnknownOptions("createTable", others, ["maxRows"]);
  return readNumber("maxRows", maxRows, { fallback: Infinity, least: 1, unit: "rows" });
}
