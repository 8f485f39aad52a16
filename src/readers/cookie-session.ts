import type { SessionReader } from "../core/cookie/old-session.ts";
import { parseObject, readCookieOptions, readKeys } from "./cookies.ts";
import type { CookieOptions, Keys } from "./cookies.ts";
import { keygripValue, signatureName } from "./keygrip.ts";

/** Options of {@link cookieSession}. */
export interface CookieSessionReaderOptions extends CookieOptions {
  /** The option `keys` of cookie-session, or `[secret]` if you gave `secret`. */
  readonly keys: Keys;
}

/**
 * Reads the sessions of cookie-session. The default name is `session`. The cookie says nothing of its age, and two
 * users with the same data have the same cookie: each request makes a session for itself, and the last answer wins.
 * @throws ERR_SESSION_CONFIG if the keys are missing
 * @example
 * ```ts
 * import { cookieSession } from "sojourn/adopt";
 *
 * const reader = cookieSession({ keys: [process.env["OLD_SECRET"]] });
 * ```
 */
export function cookieSession(options: CookieSessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("cookieSession", options, "session", ["keys"]);
  const keys = readKeys("cookieSession: keys", options.keys);
  return {
    library: "cookie-session",
    place,
    owns: (each) => each === name || each === signatureName(name),
    read(cookies) {
      const value = keygripValue(cookies, name, keys);
      const data = value && parseObject(Buffer.from(value, "base64").toString());
      return data ? { load: () => ({ data }) } : undefined;
    },
  };
}
