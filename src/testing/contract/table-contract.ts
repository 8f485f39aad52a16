import type { Awaitable } from "../../core/awaitable.ts";
import { LAWS } from "./laws.ts";
import type { ContractCase, OpenTable, TableContractOptions } from "./open-table.ts";
import { overTable } from "./run-case.ts";

/**
 * Gives everything that Sojourn requires of a `SessionTable`, as cases for any test runner:
 *
 * ```js
 * for (const [title, run, timeout] of tableContract(() => ({ table: myTable(client) }))) test(title, run, timeout);
 * ```
 *
 * Each case opens a table, uses it and closes it. The table need not be empty, because every case makes its own keys, but
 * no other program may use it meanwhile, and its cases run one after the other. Do not run it over rows that you want to
 * keep: sweeps go by a clock of 2040, and remove them.
 *
 * A second handle, another process and a database that fails are shown only if `open` gives `other`, `child` and `fail`.
 * A case that lacks what it needs is skipped with the reason in vitest and `node:test`, and passes elsewhere.
 * @throws ERR_SESSION_CONFIG for a timeout that is no number of seconds
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { createTable } from "sojourn";
 * import { tableContract } from "sojourn/testing";
 *
 * for (const [title, run, timeout] of tableContract(() => ({ table: createTable() }))) {
 *   void test(title, { timeout }, run);
 * }
 * ```
 */
export function tableContract(
  open: () => Awaitable<OpenTable>,
  options: TableContractOptions = {},
): readonly ContractCase[] {
  return LAWS.flatMap(([, cases]) => overTable(open, cases, options));
}
