/** The seam of the readers: a reader of `sojourn/adopt` finds the session of another library in its cookies. No code. */
import type { Awaitable } from "../awaitable.ts";

/**
 * The cookies of a request, as they stand in its header, with one value of each name. The first value counts; a log-out and
 * a log-in read the others as well, to end their sessions.
 */
export type OldCookies = ReadonlyMap<string, string>;

/** What another library has kept of a session. */
export interface OldData {
  readonly data: Readonly<Record<string, unknown>>;
  /**
   * When its user signed in, or an earlier moment, in milliseconds since the epoch. It is left out where the library does
   * not know it: every revocation then counts as later.
   */
  readonly since?: number | undefined;
}

/** A session of another library whose cookie is genuine. */
export interface OldSession {
  /**
   * Names this session, or this seal of it, and no other one. Whoever changes the text of the cookie must not get
   * another name. It is left out where two sessions with the same data have the same cookie.
   */
  readonly unique?: string | undefined;
  /** Gives its content; `undefined` if the session has ended. */
  load(): Awaitable<OldData | undefined>;
  /** Ends it in its own store; left out if it has none. */
  readonly end?: (() => Awaitable<unknown>) | undefined;
}

/** The cookie of another library: how it is called, where it is, and what it says. */
export interface SessionReader {
  /** The name of the library, for events and messages. */
  readonly library: string;
  /** Whether a cookie of this name is the library's, so that it is cleared with the others. */
  owns(name: string): boolean;
  /** The attributes that name the cookie to the browser, as the library has sent them. Default: path `"/"`. */
  readonly place?: {
    readonly path?: string | undefined;
    readonly domain?: string | undefined;
    readonly partitioned?: boolean | undefined;
  };
  /**
   * Reads the cookies. Gives `undefined` for nobody: a cookie that is forged, damaged or expired. It never throws for
   * what a browser may send.
   * @param now milliseconds since the epoch
   */
  read(cookies: OldCookies, now: number): Awaitable<OldSession | undefined>;
}
