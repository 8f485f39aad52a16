/**
 * 10^5 log-ins in memory; fewer over the databases, where SOJOURN_LOGINS=100000 (`npm run test:subjects`) makes as many.
 */
import { expect, it } from "vitest";
import { createTable } from "../../src/tables/named-tables.ts";
import { openLmdb } from "../support/tables/lmdb-table.ts";
import { SERVERS, fewer } from "../support/servers/tables.ts";
import { tell } from "../support/servers/servers.ts";
import { growAndShrink, logInsOf } from "../contracts/subjects/growth.ts";
import type { SessionTable } from "../../src/core/store.ts";

const TIMEOUT = 30 * 60_000;

async function prove(name: string, table: SessionTable, usual: number): Promise<void> {
  const asked = logInsOf(usual);
  const { logIns, most } = await growAndShrink(table, asked);
  expect(logIns).toBeGreaterThanOrEqual(asked);
  tell(
    `${logIns} log-ins over ${name}: ${most} rows at most, and in the end what lives and no more`,
  );
}

it("log-ins leave in memory the sessions that live, and no more", { timeout: TIMEOUT }, () =>
  prove("the table in memory", createTable(), 100_000),
);

it("log-ins leave in LMDB the sessions that live, and no more", { timeout: TIMEOUT }, async () => {
  const { table, close } = openLmdb();
  await prove("LMDB", table, 4_000);
  await close();
});

for (const [name, has, open] of SERVERS) {
  it.skipIf(!has)(
    `log-ins leave in ${name} the sessions that live, and no more`,
    { timeout: TIMEOUT },
    async () => {
      const { table, close } = await open();
      try {
        await prove(name, table, fewer(name, 2_000));
      } finally {
        await close();
      }
    },
  );
}
