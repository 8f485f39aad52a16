import { afterAll, describe, expect, it } from "vitest";
import { createTable } from "../../../src/tables/named-tables.ts";
import { END_PAIRS, PAIRS, THREES, explore } from "../../contracts/interleavings/interleavings.ts";
import type { Kind } from "../../contracts/interleavings/interleavings.ts";
import { testTwoSecrets } from "../../contracts/interleavings/two-secrets.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { verbsOf } from "../../support/tables/async-table.ts";

let explored = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`interleavings explored over sealed rows: ${explored}`));

describe.each([undefined, "alice"])(
  "L5: requests of one session in a sealed row, signed in as %s",
  (user) => {
    it.each([...PAIRS, ...THREES].map((kinds) => [kinds.join(" || "), kinds] as const))(
      'the requests "%s" keep the laws in every order of their table calls',
      async (_title, kinds) => {
        const { runs, violations } = await explore(createTable(), kinds, user, SECRET);
        explored += runs;
        expect(runs).toBeGreaterThan(5);
        expect([...new Set(violations)]).toEqual([]);
      },
    );
  },
);

let rotated = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`interleavings explored under two secrets: ${rotated}`));

describe("L3: requests of one session in two processes that rotate a secret", () => {
  testTwoSecrets(createTable, [...PAIRS, ...THREES, ...END_PAIRS], (runs) => (rotated += runs));

  it("the exploration finds a process that lacks the secret of the other", async () => {
    const two = [OLD_SECRET, SECRET] as const;
    const { violations } = await explore(createTable(), ["touch", "drop"], "alice", { two });
    expect([...new Set(violations)].join()).toContain("a log-out was lost");
  });
});

describe("L3: the exploration of sealed rows", () => {
  it("it keeps every row sealed, whatever the requests do", async () => {
    const open: string[] = [];
    const table = createTable();
    const watched = verbsOf(table, {
      insert: (key, row, now) => {
        if (!row.value.startsWith("x")) open.push(row.value);
        return table.insert(key, row, now);
      },
      replace: (key, version, row, now) => {
        if (!row.value.startsWith("x")) open.push(row.value);
        return table.replace(key, version, row, now);
      },
    });
    const kinds: readonly Kind[] = ["login", "auto", "put"];
    await explore(watched, kinds, "alice", SECRET);
    expect(open).toEqual([]);
    await explore(watched, kinds, "alice");
    expect(open).not.toEqual([]);
  });

  it("it finds the lost update of a table that replaces without comparing versions", async () => {
    const table = createTable();
    const blind = verbsOf(table, {
      async replace(key, _version, row, now) {
        const current = await table.get(key);
        return current ? table.replace(key, current.version, row, now) : "gone";
      },
    });
    const { violations } = await explore(blind, ["put", "put", "add"], undefined, SECRET);
    expect([...new Set(violations)].join()).toContain("lost put");
  });
});
