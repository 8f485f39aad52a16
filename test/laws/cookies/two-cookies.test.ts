import { afterAll, describe, expect, it } from "vitest";
import { createTable } from "../../../src/tables/named-tables.ts";
import { CASES, exploreTwoCookies } from "../../contracts/interleavings/two-cookies.ts";
import { verbsOf } from "../../support/tables/async-table.ts";

let explored = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`two cookies and one failing store over the memory table: ${explored}`));

describe("L7: two cookies and one failing store", () => {
  it.each(CASES)(
    'a %s with both cookies and a "%s" meanwhile keep the law in every order',
    async (...kinds) => {
      const { runs, violations } = await exploreTwoCookies(createTable(), kinds);
      explored += runs;
      expect(runs).toBeGreaterThan(10);
      expect([...new Set(violations)]).toEqual([]);
    },
    120_000,
  );

  it("the exploration finds a table that forgets to delete", async () => {
    const forgetful = verbsOf(createTable(), { delete: async () => "done" as const });
    const { violations } = await exploreTwoCookies(forgetful, ["log-out", "put"]);
    expect([...new Set(violations)].join()).toContain("a session outlived what settles it");
  }, 120_000);
});
