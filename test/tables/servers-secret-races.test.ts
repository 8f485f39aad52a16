/** The races about a subject in two processes that rotate a table's secret, over real servers. */
import { afterAll, beforeAll, describe } from "vitest";
import type { SessionTable } from "../../src/core/store.ts";
import { SOME_RACES, testSecretRaces } from "../contracts/subjects/secret-races.ts";
import { SOME_KINDS, testTwoSecrets } from "../contracts/interleavings/two-secrets.ts";
import { tell } from "../support/servers/servers.ts";
import { IN_PAIRS, LABELS, SERVERS } from "../support/servers/tables.ts";
import type { OpenServer } from "../support/servers/tables.ts";

describe.each(SERVERS)("L3: two processes that rotate a secret over %s", (kind, has, open) => {
  let opened: OpenServer;
  let table: SessionTable;
  let explored = 0;
  let sessions = 0;
  beforeAll(async () => {
    if (!has) return;
    opened = await open();
    // Every explored process would sweep once; nothing here is old enough.
    const { sweep: _, ...methods } = opened.table;
    table = methods;
  });
  afterAll(async () => {
    tell(`races of a subject under two secrets explored over ${LABELS[kind]}: ${explored}`);
    tell(`interleavings under two secrets explored over ${LABELS[kind]}: ${sessions}`);
    await opened?.close();
  });

  describe.skipIf(!has)("the races of a subject", () => {
    testSecretRaces(
      () => table,
      // The first race has the most orders by far.
      IN_PAIRS.includes(kind) ? SOME_RACES.slice(1) : SOME_RACES,
      (runs) => (explored += runs),
    );
  });

  describe.skipIf(!has)("the requests of one session", () => {
    testTwoSecrets(
      () => table,
      IN_PAIRS.includes(kind) ? SOME_KINDS.slice(0, 4) : SOME_KINDS,
      (runs) => (sessions += runs),
    );
  });
});
