import type { SessionRecord } from "../../src/core/store.ts";

/** Cookie names, one of which begins with the other. Every store serves both. */
export const NAMES = ["session", "session2"] as const;

/** The time at which all cookies are offered. */
export const NOW: number = Date.UTC(2040, 0, 1);

/** A cookie that was issued, and what it opens. */
export interface Issued {
  readonly value: string;
  readonly handle: string;
  /** What the session's data says; `undefined` where the store keeps nothing for this cookie to read. */
  readonly user: string | undefined;
  /** Of several cookies of one session, the one with the highest rank stands for it. */
  readonly rank: number;
  /** Past a deadline: the store still reads it, and the session is over all the same. */
  readonly over: boolean;
  /** Logged out since: so it opens only where nobody remembers that. */
  readonly gone?: boolean;
}

/** What one store has issued under one name, and what looks like it. */
export interface Cookies {
  readonly name: string;
  readonly issued: readonly Issued[];
  /** The values issued, and those that open nothing: of other purposes and formats, renewed away, unknown. */
  readonly values: readonly string[];
}

/** When a session was made and when it ends, in seconds from {@link NOW}. */
export interface Times {
  readonly createdAt: number;
  readonly expiresAt: number;
}

const DAY = 24 * 60 * 60;
export const LIVE: Times = { createdAt: -600, expiresAt: 3600 };
export const LATER: Times = { createdAt: -600, expiresAt: 7200 };
/** Sessions that are over, by the idle and by the absolute deadline. */
export const OVER: readonly Times[] = [
  { createdAt: -600, expiresAt: 0 },
  { createdAt: -30 * DAY, expiresAt: 3600 },
];

export function recordOf(user: string, { createdAt, expiresAt }: Times): SessionRecord {
  return {
    // JSON or not, and of several lengths, so that a cookie ends in the middle of a character's bits or not.
    data: { user, note: user.length % 2 === 0 ? "" : new Date(NOW) },
    flash: {},
    sentAttributes: {},
    createdAt: NOW + createdAt * 1000,
    expiresAt: NOW + expiresAt * 1000,
  };
}
