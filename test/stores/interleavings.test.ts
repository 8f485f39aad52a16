import { afterAll, describe, expect, it } from "vitest";
import { createTable } from "../../src/stores/named-tables.ts";
import { KINDS, explore } from "../contract/interleavings.ts";
import type { Kind } from "../contract/interleavings.ts";
import { verbsOf } from "../support/async-table.ts";

/** Every choice of three kinds, regardless of order: the requests are alike but for what they do. */
function threes(): Kind[][] {
  return KINDS.flatMap((a, i) =>
    KINDS.slice(i).flatMap((b, j) => KINDS.slice(i + j).map((c) => [a, b, c])),
  );
}

let explored = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`interleavings explored over the memory table: ${explored}`));

describe.each([undefined, "alice"])("three requests of one session, signed in as %s", (user) => {
  it.each(threes().map((kinds) => [kinds.join(" || "), kinds] as const))(
    "%s keep the laws in every order of their table calls",
    async (_title, kinds) => {
      const { runs, violations } = await explore(createTable(), kinds, user);
      explored += runs;
      expect(runs).toBeGreaterThan(10);
      expect([...new Set(violations)]).toEqual([]);
    },
  );
});

describe("the exploration finds", () => {
  it("the lost update of a table that replaces without comparing versions", async () => {
    const table = createTable();
    const blind = verbsOf(table, {
      async replace(key, _version, row, now) {
        const current = await table.get(key);
        return current ? table.replace(key, current.version, row, now) : "gone";
      },
    });
    const { violations } = await explore(blind, ["put", "put", "add"], undefined);
    expect(violations.join()).toContain("lost put");
  });

  it("the session back from the dead of a table that inserts where it should replace", async () => {
    const table = createTable();
    const upserting = verbsOf(table, {
      async replace(key, version, row, now) {
        const result = await table.replace(key, version, row, now);
        if (result !== "gone") return result;
        await table.insert(key, row, now);
        return "done";
      },
    });
    const { violations } = await explore(upserting, ["drop", "put", "touch"], "alice");
    expect(violations.join()).toContain("a dropped session reads");
  });

  it("the log-out that a table forgets", async () => {
    const forgetful = verbsOf(createTable(), { delete: async () => "done" as const });
    const { violations } = await explore(forgetful, ["drop", "touch", "touch"], "alice");
    expect(violations.join()).toContain("a dropped session reads");
  });
});
