// Bytes that an operation allocates on the heap. Garbage costs time that no count of instructions shows.
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { turn } from "./ticker.mjs";

/** Flags with which nothing is collected while {@link ALLOCATED} operations run. Sizes in MB. */
export const NO_COLLECTION = [
  "--min-semi-space-size=1024",
  "--max-semi-space-size=1024",
  "--expose-gc",
];

/** How often an operation runs. Much more would make V8 collect for the memory outside its heap. */
export const ALLOCATED = 1000;

/**
 * Bytes that one of `times` runs allocates.
 * @param {(times: number) => Promise<void>} work
 * @param {number} times
 */
export async function allocatedBy(work, times) {
  globalThis.gc?.(); // Then V8 has no reason of its own for a while.
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  const before = getHeapStatistics().used_heap_size;
  await work(times);
  const after = getHeapStatistics().used_heap_size;
  // The observer is told of a collection two turns later.
  for (let turns = 0; turns < 3; turns++) await turn();
  observer.disconnect();
  if (collections > 0) throw new Error("garbage was collected while allocations were counted");
  return (after - before) / times;
}
