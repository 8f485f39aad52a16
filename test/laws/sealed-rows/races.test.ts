import { afterAll, describe, expect, it } from "vitest";
import { createTable } from "../../../src/tables/named-tables.ts";
import { explore } from "../../contracts/subjects/races.ts";
import { ALL_RACES, NEW, OLD, testSecretRaces } from "../../contracts/subjects/secret-races.ts";
import { OLD_SECRET } from "../../support/secrets.ts";

let explored = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`races of a subject under two secrets explored: ${explored}`));

describe("L3: two processes that rotate a table's secret", () => {
  testSecretRaces(createTable, ALL_RACES, (runs) => (explored += runs));
});

describe("L3: the exploration of two secrets", () => {
  it("it finds a revocation by a process that does not know the secret of a log-in", async () => {
    const secrets = [OLD, NEW, [OLD_SECRET]] as const;
    const { violations } = await explore(createTable(), ["log-in", "revoke"], { secrets });
    expect(violations.join()).toContain("a session has survived the revocation");
  });

  it("it finds a list by a process that does not know the secret of a log-in", async () => {
    const secrets = [NEW, [OLD_SECRET], NEW] as const;
    const { violations } = await explore(createTable(), ["list", "touch of A"], { secrets });
    expect(violations.join()).toContain("a list left a session out");
  });
});
