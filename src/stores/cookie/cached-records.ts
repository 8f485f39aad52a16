import { chain } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { SideRows } from "../table-access/side-records.ts";

/** Rows that are remembered; with more, all are forgotten. */
const REMEMBERED = 10_000;

/** What a row held, by the clock and in the order of the questions. */
interface Known<T> {
  readonly value: T;
  readonly at: number;
  readonly turn: number;
}

/** Rows as they were read or changed lately. */
export class Lately<T> {
  readonly #rows: SideRows<T>;
  readonly #staleness: number;
  readonly #now: () => number;
  readonly #known = new Map<string, Known<T>>();
  #turn = 0;

  /** @param staleness milliseconds for which an answer of the table is taken as still true */
  constructor(rows: SideRows<T>, staleness: number, now: () => number) {
    this.#rows = rows;
    this.#staleness = staleness;
    this.#now = now;
  }

  /** @param fresh whether to ask the table, whatever was answered lately */
  read(of: string, fresh: boolean): Awaitable<T> {
    const at = this.#now(); // Before the question: an answer is as old as that.
    const known = fresh ? undefined : this.#known.get(of);
    if (known && at - known.at < this.#staleness) return known.value;
    const turn = ++this.#turn;
    return chain(this.#rows.read(of), (value) => {
      this.#remember(of, { value, at, turn });
      return value;
    });
  }

  /** Changes a row. A question from before it, whose answer comes late, does not bring the old one back. */
  async change(of: string, edit: (value: T) => T): Promise<void> {
    const at = this.#now();
    const value = await this.#rows.change(of, edit);
    this.#remember(of, { value, at, turn: ++this.#turn });
  }

  #remember(of: string, found: Known<T>): void {
    if (this.#staleness === 0) return;
    const known = this.#known.get(of);
    if (known && known.turn > found.turn) return;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(of, found);
  }
}
