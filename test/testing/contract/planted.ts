/** Tables with one planted fault each, and the case of the contract that must find it. */
import { expect, it } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { LAWS } from "../../../src/testing/contract/laws.ts";
import type { OpenTable } from "../../../src/testing/contract/open-table.ts";
import { runCase } from "../../../src/testing/contract/run-case.ts";

/** What is wrong with the table, a part of the title of the case that finds it, and what the case must say. */
export type Planted = readonly [fault: string, finds: string, says: RegExp];

const CASES = LAWS.flatMap(([, cases]) => cases);

/** What the one case with these words in its title finds; `undefined` for nothing. */
export async function findingOf(
  finds: string,
  open: () => Awaitable<OpenTable>,
  timeout?: number,
): Promise<string | undefined> {
  const [found, ...more] = CASES.filter(([title]) => title.includes(finds));
  if (!found || more.length > 0) throw new Error(`"${finds}" is the title of no case, or of two`);
  try {
    const reason = await runCase(open, found, { timeout });
    expect(reason, "the case could show nothing").toBeUndefined();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Registers a test for a planted fault: the case finds it, and passes the same table without it. */
export function testPlanted(
  [fault, finds, says]: Planted,
  planted: () => Awaitable<OpenTable>,
  sound: () => Awaitable<OpenTable>,
): void {
  it(`the contract finds a table that ${fault}, by "${finds}"`, { timeout: 60_000 }, async () => {
    expect(await findingOf(finds, planted)).toMatch(says);
    expect(await findingOf(finds, sound)).toBeUndefined();
  });
}
