import { afterAll, describe, expect, it } from "vitest";
import { PAIRS, THREES, explore } from "../../contracts/interleavings/interleavings.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";

const { table, close } = openLmdb();
let explored = 0;

afterAll(async () => {
  await close();
  // oxlint-disable-next-line no-console -- the number belongs to the proof
  console.log(`interleavings explored over the LMDB table: ${explored}`);
});

describe.each([undefined, "alice"])("L5: requests of one session, signed in as %s", (user) => {
  it.each([...PAIRS, ...THREES].map((kinds) => [kinds.join(" || "), kinds] as const))(
    'the requests "%s" keep the laws in every order of their table calls',
    async (_title, kinds) => {
      const { runs, violations } = await explore(table, kinds, user);
      explored += runs;
      expect(runs).toBeGreaterThan(5);
      expect([...new Set(violations)]).toEqual([]);
    },
  );
});
