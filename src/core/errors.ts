/**
 * Every way in which Sojourn says that something is wrong:
 *
 * - `CONFIG`: the set-up cannot work; thrown while the application starts.
 * - `USE`: a call that can never work, such as `deleteSession(req)` without a key.
 * - `NOT_FETCHED`: the session was used, and neither a middleware nor `fetchSession` had fetched it.
 * - `COMMITTED`: a write after the response has started.
 * - `COOKIE_OVERFLOW`: the cookie would be larger than browsers keep.
 * - `NOT_SERIALIZABLE`: a value that cannot be stored.
 * - `STORE`: the store failed or did not answer in time; `cause` holds its own error.
 * - `CONFLICT`: other requests kept changing the session; nothing was written.
 * - `SCHEMA`: data that does not fit the declared schema.
 */
export type SessionErrorCode =
  | "ERR_SESSION_CONFIG"
  | "ERR_SESSION_USE"
  | "ERR_SESSION_NOT_FETCHED"
  | "ERR_SESSION_COMMITTED"
  | "ERR_SESSION_COOKIE_OVERFLOW"
  | "ERR_SESSION_NOT_SERIALIZABLE"
  | "ERR_SESSION_STORE"
  | "ERR_SESSION_CONFLICT"
  | "ERR_SESSION_SCHEMA";

/**
 * The one error class. Switch on {@link code}: it is stable, the message is for people.
 * @example
 * ```ts
 * import { SessionError } from "sojourn";
 *
 * function statusOf(error: unknown): number {
 *   const isOutage = error instanceof SessionError && error.code === "ERR_SESSION_STORE";
 *   return isOutage ? 503 : 500;
 * }
 * ```
 */
export class SessionError extends Error {
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SessionError";
    this.code = code;
  }
}

/** A value as a message shows it: what it is, and no more of it than a person needs. */
export function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}

/** An option that cannot work: what was found, and what to do. */
export function configError(message: string): SessionError {
  return new SessionError("ERR_SESSION_CONFIG", message);
}

/** A call that can never work: what was found, and what to do. */
export function usageError(message: string): SessionError {
  return new SessionError("ERR_SESSION_USE", message);
}

/**
 * Refuses options that nobody reads: a misspelled one would be ignored in silence.
 * @param where what takes the options, as the developer calls it
 * @param elsewhere what other libraries call an option, and our word for it
 * @throws ERR_SESSION_CONFIG
 */
export function refuseUnknownOptions(
  where: string,
  given: object,
  known: readonly string[],
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  const unknown = Object.keys(given).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  const ours = Object.hasOwn(elsewhere, unknown) ? elsewhere[unknown] : undefined;
  throw configError(
    `${where} does not know the option "${unknown}"; ${ours ? `here it is ${ours}` : `it takes ${listOf(known)}`}`,
  );
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
