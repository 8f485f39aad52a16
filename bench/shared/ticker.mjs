// How long the event loop is kept from turning.
import { PerformanceObserver } from "node:perf_hooks";

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
    let last = performance.now();
    const tick = () => {
      if (this.#over) return;
      const now = performance.now();
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

/** Lets the event loop turn once. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));
