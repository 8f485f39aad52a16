/**
 * The codes of all errors:
 *
 * - `CONFIG`: the set-up cannot work. It is thrown while the application starts.
 * - `USE`: a call can never work, such as `deleteSession(req)` without a key.
 * - `NOT_FETCHED`: the handler used the session, and neither a middleware nor `fetchSession` had fetched it.
 * - `COMMITTED`: a write came after the response had started.
 * - `COOKIE_OVERFLOW`: the cookie would be larger than browsers keep.
 * - `NOT_SERIALIZABLE`: a value cannot be stored.
 * - `STORE`: the store failed or did not answer in time; `cause` holds its own error.
 * - `CONFLICT`: other requests kept changing the session, or a log-in was refused by `limit` (then `reason` is `"limit"`);
 *   nothing was written.
 * - `SCHEMA`: data does not fit the declared schema.
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
  /** `"limit"` for a log-in that the option `limit` has refused; other errors have no such property. */
  declare readonly reason?: "limit";

  constructor(
    code: SessionErrorCode,
    message: string,
    options?: ErrorOptions & { readonly reason?: "limit" },
  ) {
    super(message, options);
    this.name = "SessionError";
    this.code = code;
    if (options?.reason) this.reason = options.reason;
  }
}

/** What may be a secret, or a URL with a password in it, that somebody has passed in the wrong place. */
const CONFIDENTIAL = /:\/\/|[\w+/=-]{32}|^.{100}/s;

/** Describes a value for a message: its type, and no more of it than a person needs. */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    return CONFIDENTIAL.test(value)
      ? `a text of ${value.length} characters`
      : JSON.stringify(value);
  }
  if (typeof value === "function") return "a function";
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}

/** Makes the error for an option that cannot work. The message says what was found, and what to do. */
export function configError(message: string): SessionError {
  return new SessionError("ERR_SESSION_CONFIG", message);
}

/** Makes the error for a call that can never work. The message says what was found, and what to do. */
export function usageError(message: string): SessionError {
  return new SessionError("ERR_SESSION_USE", message);
}

/**
 * Refuses options that no code reads, because a misspelled option would be ignored in silence.
 * @param where the function that takes the options, as the developer calls it
 * @param elsewhere the options of other libraries, and our word for each
 * @throws ERR_SESSION_CONFIG if an option is unknown
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

export function notFetched(): SessionError {
  return new SessionError(
    "ERR_SESSION_NOT_FETCHED",
    "the session was used before it was fetched; call `await fetchSession(conn)` first, " +
      "or leave `fetch: false` out of the host's options",
  );
}

export function alreadyCommitted(): SessionError {
  return new SessionError(
    "ERR_SESSION_COMMITTED",
    "the session can only be read: the response has started, or the request has no response whose head could " +
      "carry a cookie (an upgrade, a mock, `sessions.read`, h3 1 without a socket and the option app); write before the " +
      "first byte is sent",
  );
}

export function limitReached(): SessionError {
  return new SessionError(
    "ERR_SESSION_CONFLICT",
    "the user has as many sessions as `limit` allows, and this log-in was refused; nothing was stored. " +
      "Let the user sign out elsewhere, or end a session by sessions.revokeOne",
    { reason: "limit" },
  );
}

export function hiddenByCache(): SessionError {
  return usageError(
    "this handler runs in a cache, which gives one answer to everybody and has taken the session's cookie out of the " +
      'request; use the session outside of the cached handler, or cache for each visitor: { varies: ["cookie"] }',
  );
}
