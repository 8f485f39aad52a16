/** A Map for what is remembered to save work: when it is full, it forgets everything and begins anew. */
export class BoundedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #most: number;

  /** @param most how many values are remembered */
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
