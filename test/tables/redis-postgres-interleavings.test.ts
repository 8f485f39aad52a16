/** Every order in which the table calls of some requests can meet, with the real store over real servers. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionTable } from "../../src/core/store.ts";
import { postgresTable } from "../../src/tables/postgres.ts";
import { redisTable } from "../../src/tables/redis.ts";
import { PAIRS, THREES, explore } from "../contract/interleavings.ts";
import { openPg } from "../support/servers-postgres-clients.ts";
import { hasPostgres, somePostgres } from "../support/servers-postgres.ts";
import { openIoRedis } from "../support/servers-redis-clients.ts";
import { hasRedis, someRedis } from "../support/servers-redis.ts";
import { tell } from "../support/servers.ts";

interface Opened {
  readonly table: SessionTable;
  close(): Promise<void>;
}

const name = randomUUID().replaceAll("-", "_");

const SERVERS: readonly (readonly [name: string, has: boolean, open: () => Promise<Opened>])[] = [
  [
    "Redis",
    hasRedis,
    async () => {
      const server = await someRedis();
      const { client, close } = await openIoRedis(server.url);
      const end = async (): Promise<void> => {
        close();
        await server.stop();
      };
      return { table: redisTable(client, { prefix: `test:${name}:` }), close: end };
    },
  ],
  [
    "PostgreSQL",
    hasPostgres,
    async () => {
      const server = await somePostgres();
      const { client, close, run } = await openPg(server.url);
      const table = postgresTable(client, { table: `t_${name}` });
      await table.migrate();
      const end = async (): Promise<void> => {
        await run(`DROP TABLE t_${name}`);
        await close();
        await server.stop();
      };
      // Every explored process would sweep once; nothing here is old enough.
      const { sweep: _, ...verbs } = table;
      return { table: verbs, close: end };
    },
  ],
];

describe.each(SERVERS)("over %s", (name, has, open) => {
  let opened: Opened;
  let explored = 0;
  beforeAll(async () => {
    if (has) opened = await open();
  });
  afterAll(async () => {
    tell(`interleavings explored over ${name}: ${explored}`);
    await opened?.close();
  });

  describe.skipIf(!has).each([undefined, "alice"])(
    "requests of one session, signed in as %s",
    (user) => {
      it.each([...PAIRS, ...THREES].map((kinds) => [kinds.join(" || "), kinds] as const))(
        "%s keep the laws in every order of their table calls",
        async (_title, kinds) => {
          const { runs, violations } = await explore(opened.table, kinds, user);
          explored += runs;
          expect(runs).toBeGreaterThan(kinds.length);
          expect([...new Set(violations)]).toEqual([]);
        },
        30_000,
      );
    },
  );
});
