import { afterAll, describe, expect, it } from "vitest";
import {
  END_PAIRS,
  END_THREES,
  GONE,
  PAIRS,
  THREES,
  Tally,
  explore,
  isLost,
} from "../../contracts/interleavings/interleavings.ts";
import { SLOW_CASES, exploreTwoCookies } from "../../contracts/interleavings/two-cookies.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";

const { table, close } = openLmdb();
const tally = new Tally();
let settled = 0;
let ends = 0;

afterAll(async () => {
  await close();
  // oxlint-disable-next-line no-console -- the numbers belong to the proof
  console.log(`interleavings explored over the LMDB table: ${String(tally)}`);
  // oxlint-disable-next-line no-console -- the number belongs to the proof
  console.log(`two cookies and one failing store over the LMDB table: ${settled}`);
  // oxlint-disable-next-line no-console -- the same
  console.log(`changes of a subject explored over the LMDB table: ${ends}`);
});

describe.each([undefined, "alice"])("L5: requests of one session, signed in as %s", (user) => {
  it.each([...PAIRS, ...THREES, ...GONE].map((kinds) => [kinds.join(" || "), kinds] as const))(
    'the requests "%s" keep the laws in every order of their table calls',
    async (_title, kinds) => {
      const { runs, violations } = await explore(table, kinds, user);
      tally.add(kinds, runs);
      expect(runs).toBeGreaterThan(kinds.some(isLost) ? 2 : 5);
      expect([...new Set(violations)]).toEqual([]);
    },
    60_000,
  );
});

describe("L7: two cookies and one failing store", () => {
  it.each(SLOW_CASES)(
    'a %s with both cookies and a "%s" meanwhile keep the law in every order',
    async (...kinds) => {
      const { runs, violations } = await exploreTwoCookies(table, kinds, false);
      settled += runs;
      expect(runs).toBeGreaterThan(10);
      expect([...new Set(violations)]).toEqual([]);
    },
    120_000,
  );
});

describe("L9: requests of one session, whose subject changes", () => {
  it.each([...END_PAIRS, ...END_THREES].map((kinds) => [kinds.join(" || "), kinds] as const))(
    'the requests "%s" keep the laws in every order of their table calls',
    async (_title, kinds) => {
      const { runs, violations } = await explore(table, kinds, "alice");
      ends += runs;
      expect(runs).toBeGreaterThan(5);
      expect([...new Set(violations)]).toEqual([]);
    },
    30_000, // Each write waits for the disk.
  );
});
