import { refused } from "../core/store-errors.ts";

/**
 * The properties of a database error that may hold data, because they repeat the command or the row. ioredis and
 * iovalkey add `command`, PostgreSQL adds `detail` and `where`, postgres.js adds `query`, `parameters` and `args`, mysql2
 * adds `sql`, and the AWS SDK adds the answer as `$response`.
 */
const TELLING = new Set([
  "command",
  "detail",
  "where",
  "query",
  "parameters",
  "args",
  "sql",
  "$response",
]);

/** Gives the error, or a copy of it without the properties that may hold data. */
export function withoutData(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (!Object.getOwnPropertyNames(error).some((name) => TELLING.has(name))) return error;
  // The properties that postgres.js adds cannot be removed, so that a copy is made.
  const { name, message, stack } = error;
  const others = Object.entries(error).filter(([key]) => !TELLING.has(key));
  return Object.assign(new Error(message), Object.fromEntries(others), { name, stack });
}

/**
 * Gives the error that a table throws for one of its client, without what may be data.
 * @param isRefusal whether it says that the database has done nothing
 */
export function judged(error: unknown, isRefusal: (error: unknown) => boolean): unknown {
  const bare = withoutData(error);
  return isRefusal(error) ? refused(bare) : bare;
}
