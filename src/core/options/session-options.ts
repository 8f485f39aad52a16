/** What `createSessions` takes. No code. */
import type { StandardSchemaV1 } from "../data/standard-schema.ts";
import type { SessionStore } from "../store.ts";
import type { Frozen } from "../data/frozen.ts";
import type { CookieSettings } from "../types.ts";
import type { AdoptOptions } from "./adopt.ts";

/** How long a session lives, enforced on the server. */
export interface Lifetime {
  /** The idle timeout: seconds without a request that looks at the session. Default 1 day. */
  readonly idle?: number | undefined;
  /** The absolute timeout: seconds from the session's first write, however it is used. Default 30 days. */
  readonly absolute?: number | undefined;
  /**
   * The most seconds that a request may give to one session with `configureSession(req, "lifetime", { idle, absolute })`.
   * Ends of sessions are remembered as long. Default: `absolute`.
   */
  readonly longest?: number | undefined;
  /**
   * Seconds after which a session that is in use gets a new token, although the application does not ask for it. The
   * old token keeps its rights until the browser presents the new one. Needs a table. Default never.
   */
  readonly renewEvery?: number | undefined;
  /**
   * `true`: a session ends when `renewEvery` would begin a fourth round of new tokens, and nobody has presented one of
   * the three before. So does a thief who takes them and keeps the old cookie, and a client that stores no cookies.
   * Default `false`: that is the event `sojourn:renew` with the reason `unpresented`.
   */
  readonly endUnpresented?: boolean | undefined;
}

/**
 * The longest lifetime for an authenticator assurance level of NIST SP 800-63B-4. `AAL1`: 30 days. `AAL2`: 1 hour idle,
 * 24 hours absolute. `AAL3`: 15 minutes idle, 12 hours absolute.
 */
export type NistLevel = "AAL1" | "AAL2" | "AAL3";

/** The options of `createSessions`, flat as in Dynamo: store, cookie name, cookie attributes, lifetimes. */
export interface SessionOptions<Data extends object = Record<string, unknown>> extends Partial<{
  readonly [Name in keyof CookieSettings]: CookieSettings[Name] | undefined;
}> {
  /**
   * `cookieStore(...)` or `tableStore(...)`. `[next, before]` moves from one to another: new sessions are made in `next`,
   * and those in `before` stay there until they end.
   */
  readonly store: SessionStore | readonly [next: SessionStore, before: SessionStore];
  /** The cookie's name. A name that begins with `__Host-` is the strongest choice. */
  readonly key: string;
  /** How long a session lives: numbers of seconds, or the name of a level of NIST. */
  readonly lifetime?: Lifetime | NistLevel | undefined;
  /** Seconds for which a token that was renewed away still reads what it read before. Default 10. */
  readonly renewGrace?: number | undefined;
  /**
   * The cookie attributes of earlier deployments, as far as they tell cookies of one name apart. A browser may still
   * have those cookies, and forgets them with each new cookie and each log-out. Default none.
   * @example
   * ```ts
   * formerly: [{ domain: "example.com" }, { path: "/app" }]
   * ```
   */
  readonly formerly?:
    | readonly {
        readonly [Name in "path" | "domain" | "partitioned"]?: CookieSettings[Name] | undefined;
      }[]
    | undefined;
  /**
   * The data key that says whose session it is. A commit that changes its value renews the session. If somebody was
   * signed in before, the session starts empty but for {@link carry} and what that request puts.
   */
  readonly subject?: (keyof NoInfer<Data> & string) | undefined;
  /** The data keys that stay when the subject changes, such as a language. Needs `subject`. Default none. */
  readonly carry?: readonly (keyof NoInfer<Data> & string)[] | undefined;
  /**
   * How many sessions one subject may have, 1 to 1000. A log-in beyond the limit ends the oldest ones. With
   * `{ max, refuse: true }` it is refused instead: `ERR_SESSION_CONFLICT` with the reason `"limit"`. Needs `subject` and a
   * table. Without this option a table keeps 1000.
   */
  readonly limit?:
    | number
    | { readonly max: number; readonly refuse?: boolean | undefined }
    | undefined;
  /**
   * One Standard Schema for each data key (zod, valibot, arktype, ...). The data's type follows from it. `put` checks
   * each value by it, and the first look of a request checks the stored data. It must be synchronous and accept its own
   * output.
   */
  readonly schema?:
    | { readonly [Key in keyof Data]-?: StandardSchemaV1<unknown, Data[Key]> }
    | undefined;
  /**
   * Gets stored data that the schema refuses, or that has keys which the schema does not name, and gives new data. The
   * new data is checked again, and stored with the next write. The function gives `undefined` for data that it does not
   * know. It must be pure and synchronous.
   */
  readonly migrate?:
    | ((old: Readonly<Record<string, unknown>>) => Frozen<Partial<NoInfer<Data>>> | undefined)
    | undefined;
  /**
   * Takes over the sessions of another library, so that nobody is signed out when an application comes from it. The
   * readers are in `sojourn/adopt`.
   * @example
   * ```ts
   * import { createSessions, createTable, tableStore } from "sojourn";
   * import { cookieSession } from "sojourn/adopt";
   *
   * export const sessions = createSessions<{ user_id: string }>({
   *   store: tableStore({ table: createTable("sessions") }),
   *   key: "__Host-session",
   *   adopt: {
   *     secret: process.env["ADOPT_SECRET"],
   *     until: new Date("2027-02-01"),
   *     from: [cookieSession({ keys: [process.env["OLD_SECRET"]] })],
   *     map: (old) => ({ user_id: old.user }),
   *   },
   * });
   * ```
   */
  readonly adopt?: AdoptOptions<NoInfer<Data>> | undefined;
  /**
   * What a page tells caches if its handler has looked at the session and has set no Cache-Control itself. With
   * `"no-store"` no cache keeps it, nor does the browser's own on disk. Default `"private, no-cache"`.
   */
  readonly cacheControl?: "private, no-cache" | "no-store" | undefined;
  /** The clock, which gives milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}
