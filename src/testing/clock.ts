import { describe, usageError } from "../core/errors.ts";

/** A clock that moves only when a test moves it. */
export interface TestClock {
  /** Gives the time in milliseconds since the epoch, for the option `now` of `createSessions`. */
  readonly now: () => number;
  /** Lets seconds pass. */
  readonly advance: (seconds: number) => void;
  /** Sets the time: a `Date`, or milliseconds since the epoch. */
  readonly set: (time: Date | number) => void;
}

/**
 * The time at the start. It lies in the past, so that a table which the test shares with an application does not sweep
 * that application's sessions. It is a whole second, so that a test can foresee every Max-Age.
 */
const START = Date.UTC(2000, 0, 1);

/**
 * Makes a clock for `createSessions({ now: clock.now })`. Idle and absolute deadlines, `renewGrace` and the cookies in
 * a `testClient` follow it, so that no test has to wait.
 * @param start a `Date`, or milliseconds since the epoch; default the beginning of the year 2000 (UTC)
 * @example
 * ```ts
 * import { cookieStore, createSessions } from "sojourn";
 * import { testClock } from "sojourn/testing";
 *
 * const clock = testClock();
 * const store = cookieStore({ secret: process.env["SESSION_SECRET"] });
 * const timed = createSessions({ store, key: "__Host-session", now: clock.now });
 * ```
 */
export function testClock(start: Date | number = START): TestClock {
  let time = readTime(start);
  return {
    now: () => time,
    advance(seconds) {
      if (!Number.isFinite(seconds) || seconds < 0) {
        throw usageError(`advance takes the seconds that pass, got ${describe(seconds)}`);
      }
      time += seconds * 1000;
    },
    set(to) {
      time = readTime(to);
    },
  };
}

function readTime(time: Date | number): number {
  const milliseconds = time instanceof Date ? time.getTime() : time;
  if (Number.isFinite(milliseconds)) return milliseconds;
  throw usageError(
    `a test clock is set to a Date or to milliseconds since the epoch, got ${describe(time)}`,
  );
}
