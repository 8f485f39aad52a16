/** What `createSessions` takes. No code. */
import type { StandardSchemaV1 } from "../data/standard-schema.ts";
import type { SessionStore } from "../store.ts";
import type { CookieSettings, Frozen } from "../types.ts";

/** How long a session lives, enforced on the server. */
export interface Lifetime {
  /** Seconds without a request that looks at the session. Default 1 day. */
  readonly idle?: number | undefined;
  /** Seconds from the session's first write, whatever happens. Default 30 days. */
  readonly absolute?: number | undefined;
  /**
   * Seconds after which a session that is used gets a new token, without being asked. It loses nothing: the old one
   * keeps its rights until the new one has arrived. Needs a table. Default never.
   */
  readonly renewEvery?: number | undefined;
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
  /** `cookieStore(...)` or `tableStore(...)`. */
  readonly store: SessionStore;
  /** The cookie's name. `__Host-` in front of it is the strongest choice. */
  readonly key: string;
  /** How long a session lives: seconds, or the name of a level of NIST. */
  readonly lifetime?: Lifetime | NistLevel | undefined;
  /** Seconds for which a renewed token still reads what it read before. Default 10. */
  readonly renewGrace?: number | undefined;
  /** The data key that says whose session it is: a commit that changes it renews, asked or not. */
  readonly subject?: (keyof NoInfer<Data> & string) | undefined;
  /**
   * How many sessions one subject may have, 1 to 1000: a log-in beyond it ends the oldest ones. Needs `subject` and a
   * table. Without it a table keeps 1000.
   */
  readonly limit?: number | undefined;
  /**
   * One Standard Schema per data key (zod, valibot, arktype, ...): the data's type follows from it, `put` keeps to
   * it, and stored data is checked by it when a request first looks. It must be synchronous and take its own output.
   */
  readonly schema?:
    | { readonly [Key in keyof Data]-?: StandardSchemaV1<unknown, Data[Key]> }
    | undefined;
  /**
   * From stored data that the schema refuses, or that has keys it does not name, to new data, which is checked again
   * and stored with the next write; `undefined` for data it does not know. Pure and synchronous.
   */
  readonly migrate?:
    | ((old: Readonly<Record<string, unknown>>) => Frozen<Partial<NoInfer<Data>>> | undefined)
    | undefined;
  /** The clock: milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}
