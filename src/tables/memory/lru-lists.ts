/**
 * Lists of slots in the order of their last use. Each list is a circle of links, and all share the same arrays, so that
 * a slot can go from one to another. The first links are the lists themselves: each stands between the newest slot of
 * its list and the oldest one. The links of the slots come after them.
 */
export class LruLists {
  readonly #count: number;
  #older: Int32Array = new Int32Array(64);
  #newer: Int32Array = new Int32Array(64);
  /** The list of each link. */
  #lists: Int32Array = new Int32Array(64);

  /** @param count how many lists there are */
  constructor(count: number) {
    this.#count = count;
    for (let list = 0; list < count; list++) this.#join(list, list);
  }

  /** The slot of a list that was used longest ago; -1 if the list is empty. */
  oldest(list: number): number {
    const link = this.#newer[list] as number;
    return link < this.#count ? -1 : link - this.#count;
  }

  /** Adds a slot that is in no list, as the newest of this one. */
  add(slot: number, list: number): void {
    const link = slot + this.#count;
    if (link >= this.#older.length) this.#grow();
    this.#lists[link] = list;
    this.#join(this.#older[list] as number, link);
    this.#join(link, list);
  }

  /** Makes a slot the newest of a list, or of its own. */
  use(slot: number, list: number = this.#lists[slot + this.#count] as number): void {
    this.remove(slot);
    this.add(slot, list);
  }

  remove(slot: number): void {
    const link = slot + this.#count;
    this.#join(this.#older[link] as number, this.#newer[link] as number);
  }

  /** Puts a slot that is in no list into the place of another one. */
  replace(slot: number, by: number): void {
    const link = slot + this.#count;
    const other = by + this.#count;
    this.#lists[other] = this.#lists[link] as number;
    this.#join(this.#older[link] as number, other);
    this.#join(other, this.#newer[link] as number);
  }

  #join(older: number, newer: number): void {
    this.#newer[older] = newer;
    this.#older[newer] = older;
  }

  #grow(): void {
    this.#older = twiceAsLong(this.#older);
    this.#newer = twiceAsLong(this.#newer);
    this.#lists = twiceAsLong(this.#lists);
  }
}

function twiceAsLong(numbers: Int32Array): Int32Array {
  const longer = new Int32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
