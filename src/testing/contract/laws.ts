/** The laws that a table keeps, as a list that its author can print. */
import type { Awaitable } from "../../core/awaitable.ts";
import { AGAIN_CASES } from "./again-cases.ts";
import type { TableCase } from "./case.ts";
import { CLOCK_CASES } from "./clock-cases.ts";
import { CONTENT_CASES } from "./content-cases.ts";
import { FAILURE_CASES } from "./failure-cases.ts";
import { HANDLE_CASES } from "./handle-cases.ts";
import { MANY_CASES } from "./many-cases.ts";
import { METHOD_CASES } from "./method-cases.ts";
import type { OpenTable, TableContractOptions } from "./open-table.ts";
import { KILL_CASES, PROCESS_CASES, RESTART_CASES } from "./processes/process-cases.ts";
import { RACE_CASES } from "./race-cases.ts";
import { runCase } from "./run-case.ts";
import { SWEEP_CASES } from "./sweep-cases.ts";

/** All cases, by the law that they show. */
export const LAWS: readonly (readonly [law: string, cases: readonly TableCase[]])[] = [
  ["each method does what it says", METHOD_CASES],
  ["keys and rows come back exactly", CONTENT_CASES],
  ["getMany reads many rows with one call", MANY_CASES],
  ["a write is made on a condition, in one step", RACE_CASES],
  ["a second handle sees every write, and overwrites none", HANDLE_CASES],
  ["several processes lose no write", PROCESS_CASES],
  ["a killed process loses no write that was done", KILL_CASES],
  ["rows survive a restart of the application", RESTART_CASES],
  ["a call that arrives twice is made once", AGAIN_CASES],
  ["the table has no clock of its own", CLOCK_CASES],
  ["a sweep removes what is dead, and nothing else", SWEEP_CASES],
  ["a database that fails is an error", FAILURE_CASES],
];

/** Whether a table keeps one law. */
export interface TableLaw {
  readonly law: string;
  readonly kept: "yes" | "no" | "not shown";
  /** What was found, or what is missing to show the law. Empty if the law is kept. */
  readonly reason: string;
}

/** The laws that a table keeps. As text it is a table with one line for each. */
export interface TableLaws {
  readonly laws: readonly TableLaw[];
  /** Whether no law is broken. What is not shown is not broken. */
  readonly keepsAll: boolean;
  toString(): string;
}

/**
 * Runs the whole contract, and gives for each law whether the table keeps it: `yes`, `no` with what was found, or `not
 * shown` with what is missing.
 * @example
 * ```ts
 * import { createTable } from "sojourn";
 * import { tableLaws } from "sojourn/testing";
 *
 * console.log(String(await tableLaws(() => ({ table: createTable() }))));
 * ```
 */
export async function tableLaws(
  open: () => Awaitable<OpenTable>,
  options: TableContractOptions = {},
): Promise<TableLaws> {
  const laws: TableLaw[] = [];
  for (const [law, cases] of LAWS) laws.push(await judge(law, open, cases, options));
  return {
    laws,
    keepsAll: laws.every(({ kept }) => kept !== "no"),
    toString: () =>
      laws.map(({ law, kept, reason }) => `${kept.padEnd(9)}  ${law}${tell(reason)}`).join("\n"),
  };
}

function tell(reason: string): string {
  return reason === "" ? "" : ` (${reason})`;
}

async function judge(
  law: string,
  open: () => Awaitable<OpenTable>,
  cases: readonly TableCase[],
  options: TableContractOptions,
): Promise<TableLaw> {
  let shown = 0;
  let missing = "";
  for (const each of cases) {
    const [title] = each;
    try {
      const reason = await runCase(open, each, options);
      if (reason === undefined) shown++;
      else missing = reason;
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      return { law, kept: "no", reason: `${title}: ${found}` };
    }
  }
  if (shown === 0) return { law, kept: "not shown", reason: missing };
  return { law, kept: "yes", reason: "" };
}
