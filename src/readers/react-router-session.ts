import type { SessionReader } from "../core/cookie/old-session.ts";
import { decoded, parseObject, readCookieOptions, readKeys, unsigned } from "./cookies.ts";
import type { CookieOptions, Keys } from "./cookies.ts";

/** Options of {@link reactRouterSession}. */
export interface ReactRouterSessionReaderOptions extends CookieOptions {
  /** The option `secrets` of the cookie. A cookie without secrets is not read: everybody could have made it. */
  readonly secrets: Keys;
}

/** How React Router calls a message for the next request among the data. */
const FLASH = /^__flash_.*__$/s;

/**
 * Reads the sessions of React Router's `createCookieSessionStorage`, and of Remix. The default name is `__session`. Two
 * users with the same data have the same cookie: each request makes a session for itself, and the last answer wins.
 * Messages of `session.flash` are left out.
 * @throws ERR_SESSION_CONFIG if the secrets are missing
 * @example
 * ```ts
 * import { reactRouterSession } from "sojourn/adopt";
 *
 * const reader = reactRouterSession({ secrets: [process.env["OLD_SECRET"]] });
 * ```
 */
export function reactRouterSession(options: ReactRouterSessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("reactRouterSession", options, "__session", [
    "secrets",
  ]);
  const keys = readKeys("reactRouterSession: secrets", options.secrets);
  return {
    library: "react-router",
    place,
    owns: (each) => each === name,
    read(cookies) {
      const value = unsigned(decoded(cookies, name), keys);
      const all = value && parseObject(Buffer.from(value, "base64").toString());
      if (!all) return undefined;
      const data = Object.fromEntries(Object.entries(all).filter(([key]) => !FLASH.test(key)));
      return { load: () => ({ data }) };
    },
  };
}
