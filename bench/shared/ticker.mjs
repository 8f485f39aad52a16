// How long the event loop is kept from turning.
import { openSync, readSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import process from "node:process";

export class Ticker {
  /** The longest turn, in milliseconds. */
  longest = 0;
  /** The longest collection of garbage, which is in one of the turns. */
  longestCollection = 0;
  #over = false;
  #observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      this.longestCollection = Math.max(this.longestCollection, duration);
    }
  });

  constructor() {
    this.#observer.observe({ entryTypes: ["gc"] });
    const waited = waitingTime();
    let last = performance.now() - waited();
    const tick = () => {
      if (this.#over) return;
      const now = performance.now() - waited();
      this.longest = Math.max(this.longest, now - last);
      last = now;
      setImmediate(tick);
    };
    setImmediate(tick);
  }

  stop() {
    this.#over = true;
    this.#observer.disconnect();
  }
}

/**
 * Gives a function for the milliseconds in which this thread would have run, and other programs had the processor. On Linux
 * the scheduler counts them. Elsewhere they count as pauses.
 */
function waitingTime() {
  const bytes = Buffer.alloc(64);
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
    return () => {
      const length = readSync(file, bytes, 0, bytes.length, 0);
      return Number(bytes.latin1Slice(0, length).split(" ")[1]) / 1e6;
    };
  } catch {
    return () => 0;
  }
}

/** Lets the event loop turn once. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));
