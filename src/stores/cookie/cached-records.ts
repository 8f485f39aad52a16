import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { BoundedMap } from "../../core/bounded-map.ts";
import type { SideRecords } from "../table-access/side-records.ts";

/** The most records that are remembered. */
const REMEMBERED = 10_000;

/** The content of a row, with the time and the number of the question that gave it. */
interface Known<T> {
  readonly value: T;
  readonly at: number;
  readonly turn: number;
}

/** A cache of side rows, as they were read or changed lately. */
export class CachedRecords<T> {
  readonly #rows: SideRecords<T>;
  readonly #staleness: number;
  readonly #now: () => number;
  readonly #known = new BoundedMap<Known<T>>(REMEMBERED);
  #turn = 0;

  /** @param staleness milliseconds for which an answer of the table counts as still true */
  constructor(rows: SideRecords<T>, staleness: number, now: () => number) {
    this.#rows = rows;
    this.#staleness = staleness;
    this.#now = now;
  }

  /** @param fresh whether to ask the table, even if it has answered lately */
  read(id: string, fresh: boolean): Awaitable<T> {
    const at = this.#now(); // Taken before the question: the answer may be as old as the question is.
    const known = fresh ? undefined : this.#known.get(id);
    if (known && at - known.at < this.#staleness) return known.value;
    const turn = ++this.#turn;
    return andThen(this.#rows.read(id), (value) => {
      this.#remember(id, { value, at, turn });
      return value;
    });
  }

  /** Changes a row. The late answer to a question from before the change does not bring the old content back. */
  async change(id: string, edit: (value: T) => T): Promise<T> {
    const at = this.#now();
    const value = await this.#rows.change(id, edit);
    this.#remember(id, { value, at, turn: ++this.#turn });
    return value;
  }

  #remember(id: string, found: Known<T>): void {
    if (this.#staleness === 0) return;
    const known = this.#known.get(id);
    if (known && known.turn > found.turn) return;
    this.#known.set(id, found);
  }
}
