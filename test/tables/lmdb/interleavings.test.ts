import { afterAll, describe, expect, it } from "vitest";
import {
  GONE,
  PAIRS,
  THREES,
  Tally,
  explore,
  isLost,
} from "../../contracts/interleavings/interleavings.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";

const { table, close } = openLmdb();
const tally = new Tally();

afterAll(async () => {
  await close();
  // oxlint-disable-next-line no-console -- the numbers belong to the proof
  console.log(`interleavings explored over the LMDB table: ${String(tally)}`);
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
