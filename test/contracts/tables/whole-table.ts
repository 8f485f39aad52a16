/** All that is asked of every table, as tests. What a table's own tests add is what no other table has. */
import { describe, expect, it } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { LAWS } from "../../../src/testing/contract/laws.ts";
import type { OpenTable } from "../../../src/testing/contract/open-table.ts";
import { runCase } from "../../../src/testing/contract/run-case.ts";
import { SECRET } from "../../support/secrets.ts";
import { revocableCookieContract } from "../revocable/cookies.ts";
import { subjectsContract } from "../subjects/subjects.ts";
import { compareWithModel } from "./model.ts";
import { tableStoreContract } from "./store.ts";

export interface TableUnderTest {
  /** How many random sequences of calls are run: fewer for a table that is slow. Default 40. */
  readonly sequences?: number;
  /** Opens a table with `fail`, where `open` gives many tests one client, which must not fail. */
  readonly failing?: () => Awaitable<OpenTable>;
  /** The laws that this table has nothing to show for, by a word of each. All others are shown, every case of them. */
  readonly notShown?: readonly string[];
}

/** Seconds for a case on a machine that does much else. */
const LONG = { timeout: 90 };

/** The contract of a table alone. */
export function testContract(open: () => Awaitable<OpenTable>, options: TableUnderTest = {}): void {
  const { failing = open, notShown = [] } = options;
  describe("the contract of a table", () => {
    for (const [law, cases] of LAWS) {
      const opening = law.includes("fails") ? failing : open;
      describe(law, () => {
        if (notShown.some((word) => law.includes(word))) {
          it("the table has nothing to show for it", async () => {
            for (const each of cases)
              expect(await runCase(opening, each, LONG), each[0]).toBeTypeOf("string");
          });
          return;
        }
        for (const each of cases) {
          it(each[0], { timeout: 95_000 }, async () =>
            expect(await runCase(opening, each, LONG)).toBeUndefined(),
          );
        }
      });
    }
  });
}

export function testTable(open: () => Awaitable<OpenTable>, options: TableUnderTest = {}): void {
  const { sequences = 40 } = options;
  testContract(open, options);

  describe("the contract of the table store", () => {
    for (const [title, run] of tableStoreContract(open)) it(title, () => run());
  });

  describe("the contract of a subject's sessions", () => {
    for (const [title, run] of subjectsContract(open)) it(title, () => run());
  });

  const secret = { secret: SECRET };
  describe("the contract of the table store with a secret", () => {
    for (const [title, run] of tableStoreContract(open, secret)) it(title, () => run());
  });

  describe("the contract of a subject's sessions with a secret", () => {
    for (const [title, run] of subjectsContract(open, secret)) it(title, () => run());
  });

  // A thousand calls take their time in a database that shares the machine.
  describe("the contract of revocable cookies", { timeout: 30_000 }, () => {
    for (const [title, run] of revocableCookieContract(open)) it(title, () => run());
  });

  it("the table answers random sequences of calls as a Map would", async () => {
    const { table, sendsAgain, close } = await open();
    expect(await compareWithModel(table, sequences, sendsAgain)).toBeGreaterThan(10 * sequences);
    await close?.();
  });
}
