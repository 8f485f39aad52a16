/** A clock that only moves when a test says so. */
export interface Clock {
  /** For the option `now`: milliseconds since the epoch. */
  readonly now: () => number;
  /** Lets seconds pass. */
  pass(seconds: number): void;
}

export const MINUTE = 60;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;

/** A clock that starts at a whole second, far from the real time, so that a forgotten `Date.now()` shows. */
export function clock(start: number = Date.UTC(2040, 0, 1)): Clock {
  let time = start;
  return {
    now: () => time,
    pass(seconds) {
      time += seconds * 1000;
    },
  };
}
