import { Running } from "./running.ts";
import { settledOrLate } from "./compare-and-set.ts";

/**
 * Runs one task per key at a time. Callers that come meanwhile share the next one, which does the work of all of them.
 */
export class Coalescer<T> {
  readonly #running = new Running<T>();
  readonly #next = new Map<string, Promise<T>>();

  run(key: string, task: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (!running) return this.#start(key, task);
    const planned = this.#next.get(key);
    if (planned) return planned;
    const next = settledOrLate(running).then(() => {
      this.#next.delete(key);
      return this.#start(key, task);
    });
    this.#next.set(key, next);
    return next;
  }

  #start(key: string, task: () => Promise<T>): Promise<T> {
    const running = task();
    this.#running.set(key, running);
    return running;
  }
}
