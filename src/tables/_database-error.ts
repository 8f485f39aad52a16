/**
 * What clients add to an error of a database: what it was asked, with the row and so the data. ioredis and iovalkey
 * say `command`; PostgreSQL says `detail` and `where`; postgres.js adds `query`, `parameters` and `args`.
 */
const TELLING = new Set(["command", "detail", "where", "query", "parameters", "args"]);

/** The error, or one like it that tells nothing of any row. */
export function withoutData(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (!Object.getOwnPropertyNames(error).some((name) => TELLING.has(name))) return error;
  // A copy: what postgres.js adds cannot be taken away again.
  const { name, message, stack } = error;
  const others = Object.entries(error).filter(([key]) => !TELLING.has(key));
  return Object.assign(new Error(message), Object.fromEntries(others), { name, stack });
}
