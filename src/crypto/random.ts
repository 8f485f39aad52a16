import { randomFillSync } from "node:crypto";

/** Asking the system costs the same two microseconds for 16 bytes as for all these. */
const pool = Buffer.alloc(4096);
/** Empty until first used: some runtimes give no randomness while modules load. */
let used = pool.length;

/** Fresh random bytes, at most 4096. Each is handed out once, and no copy is kept. */
export function takeRandom(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = pool.subarray(used, (used += length));
  const bytes = Buffer.from(taken);
  taken.fill(0);
  return bytes;
}
