/**
 * The most writes that are under way. LMDB fulfils the promises of all writes of a commit in one turn of the event loop,
 * and each of them goes on with its request there: thousands in one commit would let every other request wait.
 */
const MOST = 100;

/** Lets a few tasks run at once. The others wait for their turn. */
export class FewAtOnce {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #idle: (() => void)[] = [];

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < MOST) this.#running++;
    // The task that ends gives its place away.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else if (--this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Waits until all tasks have ended. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
