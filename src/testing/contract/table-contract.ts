import type { Awaitable } from "../../core/awaitable.ts";
import { overTable } from "./case.ts";
import type { ContractCase, OpenTable } from "./case.ts";
import { CONTENT_CASES } from "./content-cases.ts";
import { RACE_CASES } from "./race-cases.ts";
import { MANY_CASES } from "./many-cases.ts";
import { SWEEP_CASES } from "./sweep-cases.ts";
import { METHOD_CASES } from "./method-cases.ts";

/**
 * Gives everything that Sojourn requires of a `SessionTable`, as cases for any test runner:
 *
 * ```js
 * for (const [title, run] of tableContract(() => ({ table: myTable(client) }))) test(title, run);
 * ```
 *
 * Each case opens a table, uses it and closes it. The table need not be empty, because every case makes its own keys,
 * but no other program may use it meanwhile. If the table has no `sweep`, because the database removes dead rows by
 * itself, the cases about sweeping have nothing to check.
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { createTable } from "sojourn";
 * import { tableContract } from "sojourn/testing";
 *
 * for (const [title, run] of tableContract(() => ({ table: createTable() }))) void test(title, run);
 * ```
 */
export function tableContract(open: () => Awaitable<OpenTable>): readonly ContractCase[] {
  return overTable(open, [
    ...METHOD_CASES,
    ...MANY_CASES,
    ...RACE_CASES,
    ...CONTENT_CASES,
    ...SWEEP_CASES,
  ]);
}
