import type { OldCookies, SessionReader } from "../core/cookie/old-session.ts";
import { decoded, readCookieOptions } from "./cookies.ts";
import type { CookieOptions } from "./cookies.ts";
import { readPassword } from "./password.ts";
import { unseal } from "./iron.ts";
import type { Password } from "./iron.ts";

/** Options of {@link ironSession}. */
export interface IronSessionReaderOptions extends CookieOptions {
  /** The option `cookieName` of iron-session. */
  readonly name: string;
  /** The option `password` of iron-session: one text, or several by their ids. */
  readonly password: Password | undefined;
}

/** The most cookies over which iron-session 9 spreads one seal. */
const MOST_CHUNKS = 4;

/**
 * Reads the sessions of iron-session 8 and 9, also those that are spread over several cookies.
 * @throws ERR_SESSION_CONFIG if the name or the password is missing
 * @example
 * ```ts
 * import { ironSession } from "sojourn/adopt";
 *
 * const reader = ironSession({ name: "sid", password: process.env["OLD_PASSWORD"] });
 * ```
 */
export function ironSession(options: IronSessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("ironSession", options, undefined, ["password"]);
  const password = readPassword("ironSession", options.password);
  const chunks = Array.from({ length: MOST_CHUNKS }, (_, index) => `${name}.${index}`);
  return {
    library: "iron-session",
    place,
    owns: (each) => each === name || chunks.includes(each),
    async read(cookies, now) {
      // The mark of the version behind the seal is not authenticated, and says nothing.
      const [seal = ""] = whole(cookies, name, chunks).split("~");
      const unsealed = await unseal(seal, password, now, [1]);
      if (!unsealed) return undefined;
      const { text: unique, data } = unsealed;
      return { unique, load: () => ({ data }) };
    },
  };
}

function whole(cookies: OldCookies, name: string, chunks: readonly string[]): string {
  const value = decoded(cookies, name);
  if (value !== "") return value;
  const missing = chunks.findIndex((chunk) => !cookies.get(chunk));
  const present = missing === -1 ? chunks : chunks.slice(0, missing);
  return present.map((chunk) => decoded(cookies, chunk)).join("");
}
