/** Keeps the last promise of each key, and forgets it when it settles. */
export class Running<T> {
  readonly #last = new Map<string, PromiseLike<T>>();

  get(key: string): PromiseLike<T> | undefined {
    return this.#last.get(key);
  }

  set(key: string, running: PromiseLike<T>): void {
    this.#last.set(key, running);
    const forget = (): void => {
      if (this.#last.get(key) === running) this.#last.delete(key);
    };
    running.then(forget, forget);
  }
}
