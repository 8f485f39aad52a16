import { afterAll, describe, expect, it } from "vitest";
import type { SessionRow, SessionTable } from "../../src/core/store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { explore } from "../contracts/subjects/races.ts";
import type { Act, RaceOptions } from "../contracts/subjects/races.ts";
import { verbsOf } from "../support/tables/async-table.ts";

/** Requests that race for the sessions of one subject. */
const RACES: readonly (readonly [acts: readonly Act[], options?: RaceOptions])[] = [
  [["log-in", "revoke"]],
  [["log-in of G", "revoke"]],
  [["log-in", "revoke but A"]],
  [["log-in", "log-in"]],
  [["log-in", "log-in"], { limit: 1 }],
  [["log-in", "log-in"], { limit: 2 }],
  [["log-in", "log-in of G"], { limit: 2 }],
  [["log-in", "log-out of A"]],
  [["log-in", "log-out of A"], { limit: 2 }],
  [["log-in", "log-out of B"], { limit: 2 }],
  [["log-in", "revoke A"]],
  [["log-in", "revoke A"], { limit: 2 }],
  [["log-in of G", "revoke G"]],
  [["touch of A", "revoke"]],
  [["write of A", "revoke"]],
  [["touch of A", "revoke A"]],
  [["log-out of A", "revoke"]],
  [["A becomes bob", "revoke"]],
  [["A becomes bob", "log-in"]],
  [["revoke", "revoke"]],
  [["revoke", "revoke but A"]],
  [["revoke but A", "revoke but B"]],
  [["touch of A", "log-in"], { limit: 2 }],
  [["touch of A", "write of A", "revoke A"]],
];

let explored = 0;
// oxlint-disable-next-line no-console -- the number belongs to the proof
afterAll(() => console.log(`races of a subject explored over the memory table: ${explored}`));

describe("L7: the sessions of a subject keep their laws in every order of table calls", () => {
  for (const [acts, options = {}] of RACES) {
    const title = [acts.join(" || "), options.limit && `limit ${options.limit}`]
      .filter(Boolean)
      .join(", ");
    it(title, { timeout: 120_000 }, async () => {
      const { runs, violations } = await explore(createTable(), acts, options);
      explored += runs;
      expect(runs).toBeGreaterThan(3);
      expect([...new Set(violations)]).toEqual([]);
    });
  }
});

describe("L7: the exploration of a subject's races", () => {
  it("it finds a log-in that does not look again after its row was written", async () => {
    const { violations } = await explore(createTable(), ["log-in", "revoke"], {
      break: blindLogIn,
    });
    expect(violations.join()).toContain("a session has survived the revocation");
  });

  it("it finds a limit that does not look again after its row was written", async () => {
    const options = { limit: 2, break: blindLogIn };
    const { violations } = await explore(createTable(), ["log-in", "log-in"], options);
    expect(violations.join()).toContain("live instead of 2");
  });

  it("it finds a revocation that ends what it finds, and marks nothing", async () => {
    const acts = ["log-in", "revoke what is listed"] as const;
    const { violations } = await explore(createTable(), acts);
    expect(violations.join()).toContain("a session has survived the revocation");
  });
});

/** The row of a subject, as a log-in itself has written it, stands for what is there by now. */
function blindLogIn(table: SessionTable, act: Act): SessionTable {
  if (!act.startsWith("log-in")) return table;
  const own = new Map<string, SessionRow>();
  return verbsOf(table, {
    get: async (key) => own.get(key) ?? table.get(key),
    async insert(key, row, now) {
      const done = await table.insert(key, row, now);
      if (done && key.length > 22) own.set(key, row);
      return done;
    },
    async replace(key, version, row, now) {
      const result = await table.replace(key, version, row, now);
      if (result === "done" && key.length > 22) own.set(key, row);
      return result;
    },
  });
}
