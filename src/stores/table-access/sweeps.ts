import { recover } from "../../core/awaitable.ts";
import { publishSweepError } from "../../core/events.ts";
import { isRefused } from "../../core/store-errors.ts";
import type { SessionTable, StoreContext } from "../../core/store.ts";

/** Milliseconds between two sweeps that this process asks for. */
const INTERVAL = 60_000;
/** Milliseconds by which sweeps come late. A process whose clock is ahead by less sweeps no row that lives elsewhere. */
export const LATE = 300_000;

/** The sweeps that the requests of a process set off. No request waits for one. */
export class Sweeps {
  readonly #table: SessionTable;
  readonly #context: StoreContext;
  #sweptAt = 0;

  constructor(table: SessionTable, context: StoreContext) {
    this.#table = table;
    this.#context = context;
  }

  /** Asks for a sweep, unless this process has asked for one lately. */
  sometimes(): void {
    const { now, cookieName } = this.#context;
    const at = now();
    if (!this.#table.sweep || at - this.#sweptAt < INTERVAL) return;
    this.#sweptAt = at;
    // No request waits for the sweep, and `recover` handles its errors.
    void recover<unknown>(
      () => this.#table.sweep?.(at - LATE),
      (error) => publishSweepError(cookieName, isRefused(error) ? error.cause : error),
    );
  }
}
