import type { SessionReader } from "../core/cookie/old-session.ts";
import { checkConnectStore, storedSession } from "./connect-store.ts";
import type { ConnectStore } from "./connect-store.ts";
import { decoded, readCookieOptions, readKeys, unsigned } from "./cookies.ts";
import type { CookieOptions, Keys } from "./cookies.ts";

/** Options of {@link expressSession}. */
export interface ExpressSessionReaderOptions extends CookieOptions {
  /** The option `secret` of express-session. */
  readonly secret: Keys;
  /** The option `store` of express-session. */
  readonly store: ConnectStore;
}

/**
 * Reads the sessions of express-session, from any of its stores. The default name is `connect.sid`.
 * @throws ERR_SESSION_CONFIG if the secret or the store is missing
 * @example
 * ```ts
 * import { MemoryStore } from "express-session";
 * import { expressSession } from "sojourn/adopt";
 *
 * // The store of before, such as that of connect-redis.
 * const store = new MemoryStore();
 * const reader = expressSession({ secret: process.env["OLD_SECRET"], store });
 * ```
 */
export function expressSession(options: ExpressSessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("expressSession", options, "connect.sid", [
    "secret",
    "store",
  ]);
  const { store } = options;
  const keys = readKeys("expressSession: secret", options.secret);
  checkConnectStore("expressSession", store);
  return {
    library: "express-session",
    place,
    owns: (each) => each === name,
    read(cookies, now) {
      const value = decoded(cookies, name);
      const id = value.startsWith("s:") ? unsigned(value.slice(2), keys) : undefined;
      return id === undefined ? undefined : storedSession(store, id, now);
    },
  };
}
