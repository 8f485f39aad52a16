import { randomInt } from "node:crypto";

/**
 * A random whole number below 2^53: the name of one write of a row. In two halves, because that is what
 * `randomInt` draws from a pool; randomBytes asks the system each time.
 */
export function newVersion(): number {
  return randomInt(2 ** 27) * 2 ** 26 + randomInt(2 ** 26);
}
