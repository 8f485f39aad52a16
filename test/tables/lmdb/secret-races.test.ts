import { afterAll, describe } from "vitest";
import { SOME_RACES, testSecretRaces } from "../../contracts/subjects/secret-races.ts";
import { openLmdb } from "../../support/tables/lmdb-table.ts";

const { table, close } = openLmdb();
let explored = 0;

afterAll(async () => {
  await close();
  // oxlint-disable-next-line no-console -- the number belongs to the proof
  console.log(`races of a subject under two secrets explored over the LMDB table: ${explored}`);
});

describe("L3: two processes that rotate a table's secret", () => {
  testSecretRaces(
    () => table,
    SOME_RACES,
    (runs) => (explored += runs),
  );
});
