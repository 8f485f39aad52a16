/**
 * Gives the time, in milliseconds since the epoch. express-session has no option for a clock: applications make cookies and
 * memory stores without any options, and read how long they live.
 */
export function now(): number {
  return Date.now();
}
