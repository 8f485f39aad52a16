import { takeRandom } from "./random.ts";

/** Draws a random whole number below 2^53: the name of one write of a row. */
export function newVersion(): number {
  // Not randomInt, because a start-up snapshot would hold the numbers that it has drawn in advance.
  const bytes = takeRandom(7);
  return (bytes.readUInt8(0) % 32) * 2 ** 48 + bytes.readUIntBE(1, 6);
}
