/** A Map for values that can be computed again. If it is full, it forgets all of them and begins anew. */
export class BoundedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #most: number;

  /** @param most the most values that it remembers */
  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (this.#values.size >= this.#most) this.#values.clear();
    this.#values.set(key, value);
  }
}
