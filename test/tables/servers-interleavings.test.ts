/** Every order in which the table calls of some requests can meet, with the real store over real servers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionTable } from "../../src/core/store.ts";
import {
  END_PAIRS,
  END_THREES,
  GONE,
  PAIRS,
  THREES,
  Tally,
  explore,
} from "../contracts/interleavings/interleavings.ts";
import { SLOW_CASES, exploreTwoCookies } from "../contracts/interleavings/two-cookies.ts";
import { IN_PAIRS, LABELS, SERVERS } from "../support/servers/tables.ts";
import type { OpenServer } from "../support/servers/tables.ts";
import { tell } from "../support/servers/servers.ts";

describe.each(SERVERS)("L5: every order of requests over %s", (kind, has, open) => {
  let opened: OpenServer;
  let table: SessionTable;
  const tally = new Tally();
  const isSlow = IN_PAIRS.includes(kind);
  let settled = 0;
  let ends = 0;
  beforeAll(async () => {
    if (!has) return;
    opened = await open();
    // Every explored process would sweep once; nothing here is old enough.
    const { sweep: _, ...verbs } = opened.table;
    table = verbs;
  });
  afterAll(async () => {
    tell(`interleavings explored over ${LABELS[kind]}: ${String(tally)}`);
    tell(`two cookies and one failing store over ${LABELS[kind]}: ${settled}`);
    tell(`changes of a subject explored over ${LABELS[kind]}: ${ends}`);
    await opened?.close();
  });

  describe.skipIf(!has).each(isSlow ? ["alice"] : [undefined, "alice"])(
    "requests of one session, signed in as %s",
    (user) => {
      it.each(
        (isSlow ? PAIRS : [...PAIRS, ...THREES, ...GONE]).map(
          (kinds) => [kinds.join(" || "), kinds] as const,
        ),
      )(
        'the requests "%s" keep the laws in every order of their table calls',
        async (_title, kinds) => {
          const { runs, violations } = await explore(table, kinds, user);
          tally.add(kinds, runs);
          expect(runs).toBeGreaterThan(kinds.length);
          expect([...new Set(violations)]).toEqual([]);
        },
        60_000,
      );
    },
  );

  it
    .skipIf(!has)
    .each(
      (isSlow ? END_PAIRS : [...END_PAIRS, ...END_THREES]).map(
        (kinds) => [kinds.join(" || "), kinds] as const,
      ),
    )(
    'L9: the requests "%s" leave nothing of a subject to the next, in every order of their table calls',
    async (_title, kinds) => {
      const { runs, violations } = await explore(table, kinds, "alice");
      ends += runs;
      expect(runs).toBeGreaterThan(kinds.length);
      expect([...new Set(violations)]).toEqual([]);
    },
    60_000,
  );

  it.skipIf(!has).each(isSlow ? SLOW_CASES.slice(0, 1) : SLOW_CASES)(
    'L7: a %s with both cookies and a "%s" meanwhile keep the law in every order, if the store fails for one',
    async (...kinds) => {
      const { runs, violations } = await exploreTwoCookies(table, kinds, false);
      settled += runs;
      expect(runs).toBeGreaterThan(10);
      expect([...new Set(violations)]).toEqual([]);
    },
    120_000,
  );
});
