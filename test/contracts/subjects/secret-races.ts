/** The races about a subject in two processes that rotate a table's secret, for each table. */
import { expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { explore } from "./races.ts";
import type { Act, RaceOptions } from "./races.ts";

/** The secrets of a process before the rotation, and after it. */
export const OLD = [OLD_SECRET, SECRET] as const;
export const NEW = [SECRET, OLD_SECRET] as const;

/** Who signs in before the race, and the two processes that race. */
const ORDERS: readonly (readonly [name: string, secrets: NonNullable<RaceOptions["secrets"]>])[] = [
  ["the old secret first, then the new one first", [OLD, OLD, NEW]],
  ["the new secret first, then the old one first", [OLD, NEW, OLD]],
];

type Races = readonly (readonly [acts: readonly Act[], options?: RaceOptions])[];

/** One for each call about a subject, for tables where a call takes a while. */
export const SOME_RACES: Races = [
  [["log-in", "revoke"]],
  [["log-in", "revoke A"]],
  [["touch of A", "revoke"]],
  [["log-out of A", "revoke"]],
  [["A becomes bob", "revoke"]],
  [["list", "log-in"]],
  [["list", "revoke"]],
  [["list", "A becomes bob"]],
];

/** Those that a table in memory has time for. */
export const ALL_RACES: Races = [
  ...SOME_RACES,
  [["log-in of G", "revoke"]],
  [["log-in", "revoke but A"]],
  [["log-in", "log-in"]],
  [["log-in", "log-in"], { limit: 2 }],
  [["log-in", "log-out of A"]],
  [["log-in of G", "revoke G"]],
  [["touch of A", "revoke A"]],
  [["revoke", "revoke but A"]],
  [["list", "log-out of A"]],
  [["list", "touch of A"]],
];

/** @param explored is told how many orders each race has had */
export function testSecretRaces(
  table: () => SessionTable,
  races: Races,
  explored: (runs: number) => void,
): void {
  for (const [order, secrets] of ORDERS) {
    for (const [acts, options = {}] of races) {
      const limit = options.limit === undefined ? "" : `, with a limit of ${options.limit},`;
      const title = `the requests "${acts.join(" || ")}"${limit} keep the laws in every order of their table calls, ${order}`;
      it(title, { timeout: 120_000 }, async () => {
        const { runs, violations } = await explore(table(), acts, { ...options, secrets });
        explored(runs);
        expect(runs).toBeGreaterThan(1);
        expect([...new Set(violations)]).toEqual([]);
      });
    }
  }
}
