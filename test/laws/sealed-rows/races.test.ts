import { afterAll, describe, expect, it } from "vitest";
import { createTable } from "../../../src/tables/named-tables.ts";
import { explore } from "../../contracts/subjects/races.ts";
import type { Act, RaceOptions } from "../../contracts/subjects/races.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";

const OLD = [OLD_SECRET, SECRET] as const;
const NEW = [SECRET, OLD_SECRET] as const;

/** Who signs in before the race, and the two processes that race. */
const ORDERS: readonly (readonly [name: string, secrets: NonNullable<RaceOptions["secrets"]>])[] = [
  ["the old secret first, then the new one first", [OLD, OLD, NEW]],
  ["the new secret first, then the old one first", [OLD, NEW, OLD]],
];

const RACES: readonly (readonly [acts: readonly Act[], options?: RaceOptions])[] = [
  [["log-in", "revoke"]],
  [["log-in of G", "revoke"]],
  [["log-in", "revoke but A"]],
  [["log-in", "log-in"]],
  [["log-in", "log-in"], { limit: 2 }],
  [["log-in", "log-out of A"]],
  [["log-in", "revoke A"]],
  [["log-in of G", "revoke G"]],
  [["touch of A", "revoke"]],
  [["touch of A", "revoke A"]],
  [["log-out of A", "revoke"]],
  [["A becomes bob", "revoke"]],
  [["revoke", "revoke but A"]],
];

let explored = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`races of a subject under two secrets explored: ${explored}`));

describe.each(ORDERS)("L3: two processes that rotate a table's secret, %s", (_name, secrets) => {
  it.each(RACES.map(([acts, options = {}]) => [acts.join(" || "), acts, options] as const))(
    'the requests "%s" keep the laws in every order of their table calls',
    async (_title, acts, options) => {
      const { runs, violations } = await explore(createTable(), acts, { ...options, secrets });
      explored += runs;
      expect(runs).toBeGreaterThan(3);
      expect([...new Set(violations)]).toEqual([]);
    },
    120_000,
  );
});

describe("L3: the exploration of two secrets", () => {
  it("it finds a revocation by a process that does not know the secret of a log-in", async () => {
    const secrets = [OLD, NEW, [OLD_SECRET]] as const;
    const { violations } = await explore(createTable(), ["log-in", "revoke"], { secrets });
    expect(violations.join()).toContain("a session has survived the revocation");
  });
});
