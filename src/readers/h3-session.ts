import type { OldCookies, SessionReader } from "../core/cookie/old-session.ts";
import { decoded, readCookieOptions } from "./cookies.ts";
import type { CookieOptions } from "./cookies.ts";
import { readPassword } from "./password.ts";
import { unseal } from "./iron.ts";
import type { Password } from "./iron.ts";

/** Options of {@link h3Session}. */
export interface H3SessionReaderOptions extends CookieOptions {
  /** The option `password` of `useSession`. */
  readonly password: Password | undefined;
  /** The option `maxAge` of `useSession`, in seconds. */
  readonly maxAge?: number | undefined;
  /** The option `idleTimeout` of `useSession`, in seconds. */
  readonly idleTimeout?: number | undefined;
}

const CHUNKED = "__chunked__";
/** The most cookies over which h3 spreads one seal. */
const MOST_CHUNKS = 100;
/** Those of h3 2, and those of h3 1. */
const ROUNDS = [8192, 1];

/**
 * Reads the sessions of h3's `useSession`, of h3 1 and 2, Nitro and Nuxt. The default name is `h3`.
 * @throws ERR_SESSION_CONFIG if the password is missing
 * @example
 * ```ts
 * import { h3Session } from "sojourn/adopt";
 *
 * const reader = h3Session({ password: process.env["OLD_PASSWORD"], maxAge: 7 * 86_400 });
 * ```
 */
export function h3Session(options: H3SessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("h3Session", options, "h3", [
    "password",
    "maxAge",
    "idleTimeout",
  ]);
  const { maxAge, idleTimeout } = options;
  const password = readPassword("h3Session", options.password);
  return {
    library: "h3",
    place,
    owns: (each) => each === name || isChunkOf(name, each),
    async read(cookies, now) {
      const seal = whole(cookies, name);
      const unsealed = seal === undefined ? undefined : await unseal(seal, password, now, ROUNDS);
      if (!unsealed) return undefined;
      const { data, createdAt, lastSeenAt } = unsealed.data;
      if (typeof data !== "object" || data === null || typeof createdAt !== "number") {
        return undefined;
      }
      const seen = typeof lastSeenAt === "number" ? lastSeenAt : createdAt;
      if (maxAge && now - createdAt > maxAge * 1000) return undefined;
      if (idleTimeout && now - seen > idleTimeout * 1000) return undefined;
      const old = { data: data as Readonly<Record<string, unknown>>, since: createdAt };
      return { unique: unsealed.text, load: () => old };
    },
  };
}

function whole(cookies: OldCookies, name: string): string | undefined {
  const value = decoded(cookies, name);
  if (!value.startsWith(CHUNKED)) return value;
  const count = Number(value.slice(CHUNKED.length));
  if (!Number.isInteger(count) || count < 1 || count > MOST_CHUNKS) return undefined;
  return Array.from({ length: count }, (_, index) => decoded(cookies, `${name}.${index + 1}`)).join(
    "",
  );
}

function isChunkOf(name: string, cookie: string): boolean {
  if (!cookie.startsWith(`${name}.`)) return false;
  return /^[1-9]\d{0,2}$/.test(cookie.slice(name.length + 1));
}
