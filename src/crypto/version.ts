import { randomBytes } from "node:crypto";

/** A random whole number below 2^53: the name of one write of a row. */
export function newVersion(): number {
  const bytes = randomBytes(7);
  return (bytes.readUInt8(0) & 0x1f) * 2 ** 48 + bytes.readUIntBE(1, 6);
}
