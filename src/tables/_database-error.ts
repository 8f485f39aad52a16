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

/** Where ORMs keep the error of the driver: Drizzle, Sequelize (two names), TypeORM. */
export const WRAPPED = ["cause", "original", "parent", "driverError"] as const;

type Wrapping = Readonly<Partial<Record<(typeof WRAPPED)[number], unknown>>>;

/** How many errors may stand in each other. */
export const DEEPEST_ERROR = 4;

/** Gives the error, or a copy of it without the properties that may hold data, also in the errors that it wraps. */
export function withoutData(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  if (depth > DEEPEST_ERROR) return undefined;
  const wrapped = WRAPPED.filter((key) => key in error).map((key) => {
    const inner = (error as Wrapping)[key];
    return { key, inner, shown: withoutData(inner, depth + 1) };
  });
  const isTelling = Object.getOwnPropertyNames(error).some((name) => TELLING.has(name));
  if (!isTelling && wrapped.every(({ inner, shown }) => inner === shown)) return error;
  // The properties that postgres.js adds cannot be removed, so that a copy is made.
  const { name, message, stack } = error;
  const others = Object.entries(error).filter(([key]) => !TELLING.has(key));
  const errors = wrapped.map(({ key, shown }) => [key, shown] as const);
  const properties = Object.fromEntries([...others, ...errors]);
  return Object.assign(new Error(message), properties, { name, stack });
}

/**
 * Gives the error that a table throws for one of its client, without what may be data.
 * @param isRefusal whether it says that the database has done nothing
 */
export function judged(error: unknown, isRefusal: (error: unknown) => boolean): unknown {
  const bare = withoutData(error);
  return isRefusal(error) ? refused(bare) : bare;
}

/**
 * Whether a client could not connect, so that nothing was sent. It is for clients that send nothing again by themselves:
 * the others get this error also after they have sent a command.
 */
export function isUnconnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall, code } = error as { readonly syscall?: unknown; readonly code?: unknown };
  // With several addresses of a host, the error has no `syscall`. postgres.js has its own code, and pg has none.
  return (
    syscall === "connect" ||
    syscall === "getaddrinfo" ||
    code === "ECONNREFUSED" ||
    code === "CONNECT_TIMEOUT" ||
    error.message === "timeout exceeded when trying to connect"
  );
}
