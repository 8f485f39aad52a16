import { randomInt } from "node:crypto";

/**
 * Draws a random whole number below 2^53: the name of one write of a row. It draws two halves, because `randomInt` takes
 * numbers of that size from a pool, while `randomBytes` asks the system each time.
 */
export function newVersion(): number {
  return randomInt(2 ** 27) * 2 ** 26 + randomInt(2 ** 26);
}
