import type { SessionRow, SessionTable } from "../core/store.ts";

/** How long one slice of a sweep may hold the event loop, in milliseconds; the promise is 5. */
const SLICE = 2;
/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 256;

/** Options of {@link createTable}. */
export interface MemoryTableOptions {
  /**
   * The most rows to keep. A new one then ends the session that was written or touched longest ago. Default:
   * no limit.
   */
  readonly maxRows?: number | undefined;
}

/**
 * Rows in this process's memory. They end with the process, and other processes do not see them.
 *
 * A Map keeps its rows in the order of insertion, and a row that is written or touched is inserted again: the
 * first row is the one that was used longest ago.
 */
export class MemoryTable implements SessionTable {
  readonly immediate = true;
  readonly #rows = new Map<string, SessionRow>();
  readonly #maxRows: number;
  #oldest: IterableIterator<string> = this.#rows.keys();
  #sweeping: Promise<number> | undefined;

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  get(key: string): SessionRow | undefined {
    return this.#rows.get(key);
  }

  insert(key: string, row: SessionRow): boolean {
    if (this.#rows.has(key)) return false;
    if (this.#rows.size >= this.#maxRows) {
      this.#evict();
    }
    this.#rows.set(key, row);
    return true;
  }

  replace(key: string, version: number, row: SessionRow): "done" | "gone" | SessionRow {
    const current = this.#rows.get(key);
    if (!current) return "gone";
    if (current.version !== version) return current;
    this.#moveToEnd(key, row);
    return "done";
  }

  touch(key: string, version: number, expiresAt: number): "done" | "gone" | "conflict" {
    const current = this.#rows.get(key);
    if (!current) return "gone";
    if (current.version !== version) return "conflict";
    this.#moveToEnd(key, { ...current, expiresAt: Math.max(current.expiresAt, expiresAt) });
    return "done";
  }

  delete(key: string, version?: number): "done" | "gone" | SessionRow {
    const current = this.#rows.get(key);
    if (!current) return "gone";
    if (version !== undefined && current.version !== version) return current;
    this.#rows.delete(key);
    return "done";
  }

  /** Looks at every row, in slices between which the process does its other work. One sweep runs at a time. */
  sweep(now: number): Promise<number> {
    this.#sweeping ??= this.#sweepInSlices(now).finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #sweepInSlices(now: number): Promise<number> {
    let swept = 0;
    let looked = 0;
    let sliceEnd = 0;
    for (const [key, row] of this.#rows) {
      if (looked++ % ROWS_PER_LOOK === 0 && performance.now() > sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = performance.now() + SLICE;
      }
      // The row may have been replaced while others had their turn.
      if (row.expiresAt <= now && this.#rows.get(key) === row) {
        this.#rows.delete(key);
        swept++;
      }
    }
    return swept;
  }

  #evict(): void {
    // One iterator goes on where it was: a new one would walk over all that was deleted before.
    let oldest = this.#oldest.next();
    if (oldest.done) {
      this.#oldest = this.#rows.keys();
      oldest = this.#oldest.next();
    }
    if (!oldest.done) this.#rows.delete(oldest.value);
  }

  #moveToEnd(key: string, row: SessionRow): void {
    if (this.#maxRows !== Infinity) this.#rows.delete(key);
    this.#rows.set(key, row);
  }
}
