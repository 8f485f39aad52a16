import { afterAll, describe } from "vitest";
import { SOME_RACES, testSecretRaces } from "../../contracts/subjects/secret-races.ts";
import { SOME_KINDS, testTwoSecrets } from "../../contracts/interleavings/two-secrets.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";

const { table, close } = openLmdb();
let explored = 0;
let sessions = 0;

afterAll(async () => {
  await close();
  // oxlint-disable-next-line no-console -- the number belongs to the proof
  console.log(`races of a subject under two secrets explored over the LMDB table: ${explored}`);
  // oxlint-disable-next-line no-console -- the same
  console.log(`interleavings under two secrets explored over the LMDB table: ${sessions}`);
});

describe("L3: two processes that rotate a table's secret", () => {
  testSecretRaces(
    () => table,
    SOME_RACES,
    (runs) => (explored += runs),
  );
  testTwoSecrets(
    () => table,
    SOME_KINDS,
    (runs) => (sessions += runs),
  );
});
