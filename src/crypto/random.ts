import { randomFillSync } from "node:crypto";

/** Gives that many bytes, at most 4096, each handed out once, and keeps no copy. */
type Take = (length: number) => Buffer;

/** Fresh random bytes of the system. */
export const takeRandom: Take = createPool(randomFillSync);

/** Asks `fill` for many bytes at once, because the system takes as long for 16 bytes as for 4096. */
export function createPool(fill: (bytes: Uint8Array) => void): Take {
  // This is no Buffer, so that createSessions can report a runtime that has none.
  const pool = new Uint8Array(4096);
  // The pool is filled at its first use, because some runtimes give no randomness while modules load.
  let used = pool.length;
  return (length) => {
    if (used + length > pool.length) {
      fill(pool);
      used = 0;
    }
    const taken = pool.subarray(used, (used += length));
    const bytes = Buffer.from(taken);
    taken.fill(0);
    return bytes;
  };
}
