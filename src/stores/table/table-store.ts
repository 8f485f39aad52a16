import { readNumber } from "../../core/options/numbers.ts";
import { refuseUnknownOptions } from "../../core/errors.ts";
import { SessionStore } from "../../core/store.ts";
import type { SessionTable } from "../../core/store.ts";
import { findTable } from "../../tables/named-tables.ts";
import { DEFAULT_TIMEOUT } from "../table-access/timed-table.ts";
import { TableBackend } from "./backend.ts";

/** The greatest `timeout`, in seconds. It is far below the longest timer of Node. */
const LONGEST_TIMEOUT = 3600;

/** Options of {@link tableStore}. */
export interface TableStoreOptions {
  /** A table, or the name of one that `createTable(name)` has made. */
  readonly table: SessionTable | string;
  /** Seconds that one call of the table may take. Default 2. */
  readonly timeout?: number | undefined;
}

/**
 * Keeps each session in a row of a table. The cookie holds only the session's handle and the token that opens it.
 * @throws ERR_SESSION_CONFIG if the table does not exist or is none
 * @example
 * ```ts
 * import { Redis } from "ioredis";
 * import { tableStore } from "sojourn";
 * import { redisTable } from "sojourn/redis";
 *
 * const store = tableStore({ table: redisTable(new Redis()), timeout: 1 });
 * ```
 */
export function tableStore(options: TableStoreOptions): SessionStore {
  const { table, timeout, ...others }: Partial<TableStoreOptions> = options ?? {};
  refuseUnknownOptions("tableStore", others, ["table", "timeout"]);
  const rows = findTable(table);
  const seconds = readNumber("timeout", timeout, {
    fallback: DEFAULT_TIMEOUT,
    least: 0,
    above: true,
    most: LONGEST_TIMEOUT,
    unit: "seconds",
  });
  return new SessionStore((context) => new TableBackend(rows, seconds * 1000, context));
}
