/** What a contract is given: an open table, and what it may do to it. */
import type { Awaitable } from "../../core/awaitable.ts";
import type { SessionTable } from "../../core/store.ts";

/** A table to test, and what belongs to it. Each part that is left out leaves some promises unshown. */
export interface OpenTable {
  readonly table: SessionTable;
  /**
   * A second handle on the same store, such as another process of the application has: the table over a client of its
   * own.
   */
  readonly other?: SessionTable | undefined;
  /** How a process of its own opens the same store. */
  readonly child?: TableChild | undefined;
  /**
   * Whether the database's client may send a command again by itself, after an answer was lost: ioredis does, and many
   * clients over HTTP. `delete` must then leave a mark that `insert` meets.
   */
  readonly sendsAgain?: boolean | undefined;
  /**
   * Lets the database fail, once for all: closes the client, or stops the server. A case calls it as its last step, and
   * `close` comes after it.
   */
  fail?(): Awaitable<unknown>;
  close?(): Awaitable<unknown>;
}

/** A program for `node` that calls `tableContractChild` with a function which opens the same store. */
export interface TableChild {
  readonly file: string | URL;
  /** What that function gets: the path of the store, for example. */
  readonly args?: readonly string[] | undefined;
}

/** Options of `tableContract` and `tableLaws`. */
export interface TableContractOptions {
  /** Seconds for each case. Default 30. A case that takes longer fails, and names the calls that it waits for. */
  readonly timeout?: number | undefined;
}

/**
 * One promise of a contract: its title, a function that rejects if the promise is broken, and the milliseconds for the
 * test. If the open table lacks what would show the promise, the function skips the test, where the test runner tells it
 * how: vitest and `node:test` pass their context.
 */
export type ContractCase = readonly [
  title: string,
  run: (context?: unknown) => Promise<void>,
  timeout: number,
];
