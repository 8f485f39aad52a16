import type { SessionReader } from "../core/cookie/old-session.ts";
import { checkConnectStore, storedSession } from "./connect-store.ts";
import type { ConnectStore } from "./connect-store.ts";
import { decoded, readCookieOptions, readKeys, unsigned } from "./cookies.ts";
import type { CookieOptions, Keys } from "./cookies.ts";

/** Options of {@link fastifySession}. */
export interface FastifySessionReaderOptions extends CookieOptions {
  /** The option `secret` of `@fastify/session`: one text or several. A signer of your own cannot be read. */
  readonly secret: Keys;
  /** The option `store` of `@fastify/session`. */
  readonly store: ConnectStore;
  /** The option `cookiePrefix` of `@fastify/session`. */
  readonly cookiePrefix?: string | undefined;
}

/**
 * Reads the sessions of `@fastify/session`. The default name is `sessionId`.
 * @throws ERR_SESSION_CONFIG if the secret or the store is missing
 * @example
 * ```ts
 * import { MemoryStore } from "express-session";
 * import { fastifySession } from "sojourn/adopt";
 *
 * // The store of before. @fastify/session takes those of express-session.
 * const store = new MemoryStore();
 * const reader = fastifySession({ secret: process.env["OLD_SECRET"], store });
 * ```
 */
export function fastifySession(options: FastifySessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("fastifySession", options, "sessionId", [
    "secret",
    "store",
    "cookiePrefix",
  ]);
  const { store, cookiePrefix = "" } = options;
  const keys = readKeys("fastifySession: secret", options.secret);
  checkConnectStore("fastifySession", store);
  return {
    library: "@fastify/session",
    place,
    owns: (each) => each === name,
    read(cookies, now) {
      const value = decoded(cookies, name);
      if (!value.startsWith(cookiePrefix)) return undefined;
      const id = unsigned(value.slice(cookiePrefix.length), keys);
      return id === undefined ? undefined : storedSession(store, id, now);
    },
  };
}
