/** Requests of one session in two processes, of which the rotation of the table's secret has reached one. */
import { expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { NEW, OLD } from "../subjects/secret-races.ts";
import { explore } from "./interleavings.ts";
import type { Kind, TwoSecrets } from "./interleavings.ts";

/** The secrets of who signed in and of the first request, then those of the second request. */
const ORDERS: readonly (readonly [name: string, secrets: TwoSecrets])[] = [
  ["the old secret first, then the new one first", { two: [OLD, NEW] }],
  ["the new secret first, then the old one first", { two: [NEW, OLD] }],
];

/** One for each law, for tables where a call takes a while. */
export const SOME_KINDS: readonly (readonly Kind[])[] = [
  ["add", "add"],
  ["drop", "add"],
  ["login", "add"],
  ["login", "login"],
  ["stepup", "put"],
  ["auto", "put"],
  ["auto", "auto"],
  ["present", "auto"],
  ["touch", "drop"],
  ["switch", "add"],
];

/** @param explored is told how many orders each set of requests has had */
export function testTwoSecrets(
  table: () => SessionTable,
  sets: readonly (readonly Kind[])[],
  explored: (runs: number) => void,
): void {
  for (const [order, secrets] of ORDERS) {
    for (const kinds of sets) {
      const title = `the requests "${kinds.join(" || ")}" keep the laws in every order of their table calls, ${order}`;
      it(title, { timeout: 120_000 }, async () => {
        const { runs, violations } = await explore(table(), kinds, "alice", secrets);
        explored(runs);
        expect(runs).toBeGreaterThan(kinds.length);
        expect([...new Set(violations)]).toEqual([]);
      });
    }
  }
}
