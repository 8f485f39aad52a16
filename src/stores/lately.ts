import { chain } from "../core/awaitable.ts";
import type { Awaitable } from "../core/awaitable.ts";
import type { SideRows } from "./side-rows.ts";

/** Rows that are remembered; with more, all are forgotten. */
const REMEMBERED = 10_000;

/** Rows as they were read lately. */
export class Lately<T> {
  readonly #rows: SideRows<T>;
  readonly #staleness: number;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly value: T; readonly at: number }>();

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
    return chain(this.#rows.read(of), (value) => {
      if (this.#staleness > 0) this.#remember(of, value, at);
      return value;
    });
  }

  forget(of: string): void {
    this.#known.delete(of);
  }

  #remember(of: string, value: T, at: number): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(of, { value, at });
  }
}
