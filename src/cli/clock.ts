/** Gives the time, in milliseconds since the epoch. A terminal has no option for a clock: its user means the machine's. */
export function now(): number {
  return Date.now();
}
