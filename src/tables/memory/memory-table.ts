import type { SessionRow, SessionTable } from "../../core/store.ts";
import { RowColumns } from "./columns.ts";
import { LruList } from "./lru-list.ts";

/**
 * The most rows that a sweep visits before other work has its turn. It takes half a millisecond to remove all of them.
 */
const SLICE = 1024;
/** Milliseconds without a slice after which a sweep counts as dead. */
const STALLED = 1000;

/** Options of {@link createTable}. */
export interface MemoryTableOptions {
  /**
   * The most rows to keep. In a full table, a new row ends the session that was written or touched longest ago.
   * Default: no limit.
   */
  readonly maxRows?: number | undefined;
}

/** Rows in this process's memory. They end with the process, and other processes do not see them. */
export class MemoryTable implements SessionTable {
  readonly #rows = new RowColumns();
  readonly #maxRows: number;
  /** The order of use. Only a table with a limit has to know which row was used longest ago. */
  readonly #recency: LruList | undefined;
  /** The sweep that runs has still to visit the slots below this one. */
  #unswept = 0;
  #sweeping: Promise<number> | undefined;
  #lastSlice = 0;

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
    this.#recency = maxRows === Infinity ? undefined : new LruList();
  }

  get(key: string): SessionRow | undefined {
    const slot = this.#rows.slotOf(key);
    return slot === undefined ? undefined : this.#rows.read(slot);
  }

  insert(key: string, row: SessionRow): boolean {
    if (this.#rows.slotOf(key) !== undefined) return false;
    if (this.#recency && this.#rows.length >= this.#maxRows) this.#remove(this.#recency.oldest);
    const slot = this.#rows.add(key, row);
    this.#recency?.add(slot);
    return true;
  }

  replace(key: string, version: number, row: SessionRow): "done" | "gone" | SessionRow {
    const slot = this.#rows.slotOf(key);
    if (slot === undefined) return "gone";
    if (this.#rows.version(slot) !== version) return this.#rows.read(slot);
    this.#rows.write(slot, row);
    this.#use(slot);
    return "done";
  }

  touch(key: string, version: number, expiresAt: number): "done" | "gone" | "conflict" {
    const slot = this.#rows.slotOf(key);
    if (slot === undefined) return "gone";
    if (this.#rows.version(slot) !== version) return "conflict";
    this.#rows.extend(slot, expiresAt);
    this.#use(slot);
    return "done";
  }

  delete(key: string, version?: number): "done" | "gone" | SessionRow {
    const slot = this.#rows.slotOf(key);
    if (slot === undefined) return "gone";
    if (version !== undefined && this.#rows.version(slot) !== version) return this.#rows.read(slot);
    this.#remove(slot);
    return "done";
  }

  /**
   * Visits every row in slices, and lets the process do other work between them. The first slice runs at once. One
   * sweep runs at a time. A sweep may stall, because workerd forgets the timers of a request that has ended; the next
   * sweep then goes on from the same place.
   */
  sweep(now: number): Promise<number> {
    const runs = this.#unswept > 0 && performance.now() - this.#lastSlice < STALLED;
    if (!this.#sweeping || !runs) {
      if (this.#unswept === 0) this.#unswept = this.#rows.length;
      this.#sweeping = this.#sweepInSlices(now);
    }
    return this.#sweeping;
  }

  async #sweepInSlices(now: number): Promise<number> {
    let swept = this.#sweepSlice(now);
    while (this.#unswept > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      swept += this.#sweepSlice(now);
    }
    return swept;
  }

  /** Visits rows from the last one down, so that a row that moves into a free slot was visited before. */
  #sweepSlice(now: number): number {
    const before = this.#rows.length;
    const end = Math.min(this.#unswept, before);
    const start = Math.max(end - SLICE, 0);
    for (let slot = end - 1; slot >= start; slot--) {
      if (this.#rows.expiresAt(slot) <= now) this.#remove(slot);
    }
    this.#unswept = start;
    this.#lastSlice = performance.now();
    return before - this.#rows.length;
  }

  #use(slot: number): void {
    this.#recency?.remove(slot);
    this.#recency?.add(slot);
  }

  #remove(slot: number): void {
    this.#recency?.remove(slot);
    const last = this.#rows.remove(slot);
    if (last !== slot) this.#recency?.replace(last, slot);
  }
}
