import type { SessionRow } from "../../core/store.ts";
import { ShardedMap } from "./sharded-map.ts";

const PAGE_SIZE = 1024;

/** Rows in columns. A number takes 8 bytes in a typed array, and 24 in an object of its own. */
class Page {
  readonly keys: string[] = [];
  readonly values: string[] = [];
  readonly versions: Float64Array = new Float64Array(PAGE_SIZE);
  readonly deadlines: Float64Array = new Float64Array(PAGE_SIZE);
}

/**
 * Rows by key and by slot. Slots are numbered from 0 without a gap, so that a sweep can count through them. They lie in
 * pages, so that a growing table never copies more than one page.
 */
export class RowColumns {
  readonly #slots = new ShardedMap<number>();
  readonly #pages: Page[] = [];
  #length = 0;

  /** The number of rows. Every slot is below it. */
  get length(): number {
    return this.#length;
  }

  slotOf(key: string): number | undefined {
    return this.#slots.get(key);
  }

  version(slot: number): number {
    return this.#page(slot).versions[slot % PAGE_SIZE] as number;
  }

  expiresAt(slot: number): number {
    return this.#page(slot).deadlines[slot % PAGE_SIZE] as number;
  }

  read(slot: number): SessionRow {
    const { values, versions, deadlines } = this.#page(slot);
    const at = slot % PAGE_SIZE;
    return {
      value: values[at] as string,
      version: versions[at] as number,
      expiresAt: deadlines[at] as number,
    };
  }

  write(slot: number, { value, version, expiresAt }: SessionRow): void {
    const page = this.#page(slot);
    const at = slot % PAGE_SIZE;
    // JSON.stringify leaves a text in pieces, which take a third more room. Reading a character makes V8 join them.
    void value.charCodeAt(0);
    page.values[at] = value;
    page.versions[at] = version;
    page.deadlines[at] = expiresAt;
  }

  /** Moves a deadline later, never earlier. */
  extend(slot: number, expiresAt: number): void {
    const { deadlines } = this.#page(slot);
    const at = slot % PAGE_SIZE;
    deadlines[at] = Math.max(deadlines[at] as number, expiresAt);
  }

  /** Adds a row in the last slot, and gives the slot. */
  add(key: string, row: SessionRow): number {
    const slot = this.#length++;
    if (slot % PAGE_SIZE === 0) this.#pages.push(new Page());
    this.#place(slot, key);
    this.write(slot, row);
    return slot;
  }

  /** Removes a row. The last row moves into the free slot. Gives the slot that it has left. */
  remove(slot: number): number {
    const last = this.#length - 1;
    this.#slots.delete(this.#key(slot));
    if (slot !== last) {
      this.#place(slot, this.#key(last));
      this.write(slot, this.read(last));
    }
    this.#length = last;
    if (last % PAGE_SIZE === 0) {
      this.#pages.pop();
    } else {
      const page = this.#page(last);
      page.keys.pop();
      page.values.pop();
    }
    return last;
  }

  #place(slot: number, key: string): void {
    this.#page(slot).keys[slot % PAGE_SIZE] = key;
    this.#slots.set(key, slot);
  }

  #key(slot: number): string {
    return this.#page(slot).keys[slot % PAGE_SIZE] as string;
  }

  #page(slot: number): Page {
    return this.#pages[Math.trunc(slot / PAGE_SIZE)] as Page;
  }
}
