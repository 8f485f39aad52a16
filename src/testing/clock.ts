import { describe, usageError } from "../core/errors.ts";

/** A clock that only moves when a test says so. */
export interface TestClock {
  /** For the option `now` of `createSessions`: milliseconds since the epoch. */
  readonly now: () => number;
  /** Lets seconds pass. */
  readonly advance: (seconds: number) => void;
  /** Sets the time: a `Date`, or milliseconds since the epoch. */
  readonly set: (time: Date | number) => void;
}

/**
 * Past, so that a table which the test shares with somebody does not sweep their sessions away, and a whole
 * second, so that every Max-Age is a number one can foresee.
 */
const START = Date.UTC(2000, 0, 1);

/**
 * A clock for `createSessions({ now: clock.now })`: idle and absolute deadlines, `renewGrace` and the cookies in a
 * `testClient` follow it, and no test has to wait.
 * @param start default the beginning of the year 2000 (UTC)
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
