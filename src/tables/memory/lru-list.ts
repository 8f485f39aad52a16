/**
 * A list of slots in the order of their last use, as a circle of links. Link n belongs to slot n - 1. Link 0 stands
 * between the newest and the oldest slot.
 */
export class LruList {
  #older: Int32Array = new Int32Array(64);
  #newer: Int32Array = new Int32Array(64);

  /** The slot that was used longest ago; -1 if there is none. */
  get oldest(): number {
    return (this.#newer[0] as number) - 1;
  }

  /** Adds a slot that is not in the circle, as the newest. */
  add(slot: number): void {
    const link = slot + 1;
    if (link >= this.#older.length) this.#grow();
    this.#join(this.#older[0] as number, link);
    this.#join(link, 0);
  }

  remove(slot: number): void {
    const link = slot + 1;
    this.#join(this.#older[link] as number, this.#newer[link] as number);
  }

  /** Puts a slot that is not in the circle into the place of another one. */
  replace(slot: number, by: number): void {
    const link = slot + 1;
    this.#join(this.#older[link] as number, by + 1);
    this.#join(by + 1, this.#newer[link] as number);
  }

  #join(older: number, newer: number): void {
    this.#newer[older] = newer;
    this.#older[newer] = older;
  }

  #grow(): void {
    this.#older = twiceAsLong(this.#older);
    this.#newer = twiceAsLong(this.#newer);
  }
}

function twiceAsLong(numbers: Int32Array): Int32Array {
  const longer = new Int32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
