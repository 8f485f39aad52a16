/** All that is asked of every table, as tests. What a table's own tests add is what no other table has. */
import { describe, expect, it } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { OpenTable } from "../../../src/testing/contract/case.ts";
import { tableContract } from "../../../src/testing/contract/table-contract.ts";
import { SECRET } from "../../support/secrets.ts";
import { revocableCookieContract } from "../revocable/cookies.ts";
import { subjectsContract } from "../subjects/subjects.ts";
import { compareWithModel } from "./model.ts";
import { tableStoreContract } from "./store.ts";

/** @param sequences how many random sequences of verbs are run: fewer for a table that is slow */
export function testTable(open: () => Awaitable<OpenTable>, sequences: number): void {
  describe("the contract of a table", () => {
    for (const [title, run] of tableContract(open)) it(title, run);
  });

  describe("the contract of the table store", () => {
    for (const [title, run] of tableStoreContract(open)) it(title, run);
  });

  describe("the contract of a subject's sessions", () => {
    for (const [title, run] of subjectsContract(open)) it(title, run);
  });

  const secret = { secret: SECRET };
  describe("the contract of the table store with a secret", () => {
    for (const [title, run] of tableStoreContract(open, secret)) it(title, run);
  });

  describe("the contract of a subject's sessions with a secret", () => {
    for (const [title, run] of subjectsContract(open, secret)) it(title, run);
  });

  // A thousand calls take their time in a database that shares the machine.
  describe("the contract of revocable cookies", { timeout: 30_000 }, () => {
    for (const [title, run] of revocableCookieContract(open)) it(title, run);
  });

  it("the table answers random sequences of calls as a Map would", async () => {
    const { table, sendsAgain, close } = await open();
    expect(await compareWithModel(table, sequences, sendsAgain)).toBeGreaterThan(10 * sequences);
    await close?.();
  });
}
