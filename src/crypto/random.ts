import { randomFillSync } from "node:crypto";
import process from "node:process";
import { ownJoin } from "./own-bytes.ts";

/** Gives that many bytes, at most 4096, each handed out once, and keeps no copy in the pool. */
type Take = (length: number) => Buffer;

/** Fresh random bytes of the system. */
export const takeRandom: Take = createPool(randomFillSync, beforeSnapshot);

/**
 * Asks `fill` for many bytes at once, because the system takes as long for 16 bytes as for 4096.
 * @param beforeCopy takes what empties the pool before the process is copied: two copies must not draw the same bytes
 */
export function createPool(
  fill: (bytes: Uint8Array) => void,
  beforeCopy: (empty: () => void) => void = () => {},
): Take {
  // This is no Buffer, so that createSessions can report a runtime that has none.
  const pool = new Uint8Array(4096);
  // The pool is filled at its first use, because some runtimes give no randomness while modules load.
  let used = pool.length;
  beforeCopy(() => {
    pool.fill(0);
    used = pool.length;
  });
  return (length) => {
    if (used + length > pool.length) {
      fill(pool);
      used = 0;
    }
    const taken = pool.subarray(used, (used += length));
    const bytes = ownJoin(taken);
    taken.fill(0);
    return bytes;
  };
}

/** Runs a task before V8 writes a start-up snapshot, if this process is building one (`node --build-snapshot`). */
function beforeSnapshot(task: () => void): void {
  // Other runtimes may lack the module, or the function that asks for it.
  const builtin = (process as Partial<NodeJS.Process>).getBuiltinModule?.("node:v8");
  const { startupSnapshot }: Partial<typeof import("node:v8")> = builtin ?? {};
  if (startupSnapshot?.isBuildingSnapshot?.()) startupSnapshot.addSerializeCallback(task);
}
