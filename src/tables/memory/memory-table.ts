import type { SessionRow, SessionTable } from "../../core/store.ts";
import { RowColumns } from "./columns.ts";
import { LruLists } from "./lru-lists.ts";

/**
 * The most rows that a sweep visits before other work has its turn. It takes half a millisecond to remove all of them.
 */
const SLICE = 1024;
/** How many ranks a row may have. */
const RANKS = 3;
/** The rank of a row without one, as of somebody: who has not said that it is worth less does not lose it first. */
const DEFAULT_RANK = 1;
/** Milliseconds without a slice after which a sweep counts as dead. */
const STALLED = 1000;

/** Options of {@link createTable}. */
export interface MemoryTableOptions {
  /**
   * The most rows to keep. In a full table, a new row ends the session that was read or written longest ago, first of
   * those in which nobody is signed in (the option `subject`). If only sessions of users are left, a visitor who is not
   * signed in gets no new session: the event is `sojourn:stop` with `full`. Default: no limit.
   */
  readonly maxRows?: number | undefined;
}

/** Rows in this process's memory. They end with the process, and other processes do not see them. */
export class MemoryTable implements SessionTable {
  readonly forgets = true;
  readonly #rows = new RowColumns();
  readonly #maxRows: number;
  /** The order of use, for each rank. Only a table with a limit has to know which row was used longest ago. */
  readonly #recency: LruLists | undefined;
  /** The sweep that runs has still to visit the slots below this one. */
  #unswept = 0;
  #sweeping: Promise<number> | undefined;
  #lastSlice = 0;

  constructor(maxRows: number) {
    this.#maxRows = maxRows;
    this.#recency = maxRows === Infinity ? undefined : new LruLists(RANKS);
  }

  get(key: string): SessionRow | undefined {
    const slot = this.#rows.slotOf(key);
    if (slot === undefined) return undefined;
    this.#recency?.use(slot);
    return this.#rows.read(slot);
  }

  insert(key: string, row: SessionRow): boolean | "full" {
    if (this.#rows.slotOf(key) !== undefined) return false;
    if (this.#recency && !this.#makeRoom(this.#recency, row.rank)) return "full";
    const slot = this.#rows.add(key, row);
    this.#recency?.add(slot, row.rank ?? DEFAULT_RANK);
    return true;
  }

  replace(key: string, version: number, row: SessionRow): "done" | "gone" | SessionRow {
    const slot = this.#rows.slotOf(key);
    if (slot === undefined) return "gone";
    if (this.#rows.version(slot) !== version) return this.#rows.read(slot);
    this.#rows.write(slot, row);
    this.#recency?.use(slot, row.rank ?? DEFAULT_RANK);
    return "done";
  }

  touch(key: string, version: number, expiresAt: number): "done" | "gone" | "conflict" {
    const slot = this.#rows.slotOf(key);
    if (slot === undefined) return "gone";
    if (this.#rows.version(slot) !== version) return "conflict";
    this.#rows.extend(slot, expiresAt);
    this.#recency?.use(slot);
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

  /** Ends the row of the lowest rank that was used longest ago, if the table is full. Nobody's row ends no other's. */
  #makeRoom(recency: LruLists, rank: number = DEFAULT_RANK): boolean {
    if (this.#rows.length < this.#maxRows) return true;
    for (let lowest = 0; lowest < RANKS; lowest++) {
      const oldest = recency.oldest(lowest);
      if (oldest === -1) continue;
      if (rank === 0 && lowest > 0) return false;
      this.#remove(oldest);
      return true;
    }
    return false;
  }

  #remove(slot: number): void {
    this.#recency?.remove(slot);
    const last = this.#rows.remove(slot);
    if (last !== slot) this.#recency?.replace(last, slot);
  }
}
