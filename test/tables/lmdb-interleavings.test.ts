import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lmdbTable } from "../../src/tables/lmdb.ts";
import { PAIRS, THREES, explore } from "../contract/interleavings.ts";

const path = mkdtempSync(join(tmpdir(), "sojourn-lmdb-"));
const table = lmdbTable({ path });
let explored = 0;

afterAll(async () => {
  await table.close();
  rmSync(path, { recursive: true });
  // oxlint-disable-next-line no-console -- the number belongs to the proof
  console.log(`interleavings explored over the LMDB table: ${explored}`);
});

describe.each([undefined, "alice"])("requests of one session, signed in as %s", (user) => {
  it.each([...PAIRS, ...THREES].map((kinds) => [kinds.join(" || "), kinds] as const))(
    "%s keep the laws in every order of their table calls",
    async (_title, kinds) => {
      const { runs, violations } = await explore(table, kinds, user);
      explored += runs;
      expect(runs).toBeGreaterThan(5);
      expect([...new Set(violations)]).toEqual([]);
    },
  );
});
