import type { Awaitable } from "../../core/awaitable.ts";

/** The longest time that a task waits for its place, in milliseconds. */
const LONGEST_WAIT = 1000;

/**
 * Lets a number of tasks run at once, and the others wait in the order in which they came. So the lists of one user leave
 * connections for all others. A task that never ends, as one of a request that workerd has forgotten, holds nobody up
 * for long: the gate only spreads load.
 */
export class Gate {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @param places how many tasks may run at once */
  constructor(places: number) {
    this.#free = places;
  }

  async run<T>(task: () => Awaitable<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#turn();
    try {
      return await task();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#free--; // It goes without a place.
        go();
      }, LONGEST_WAIT);
      this.#waiting.add(go);
    });
  }
}
