/** Faults of schemas, settings and commands, planted in real tables of MariaDB, Redis and PostgreSQL. */
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { createPool } from "mysql2/promise";
import type { Pool } from "mysql2/promise";
import { afterAll, beforeAll, describe } from "vitest";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import { mysqlTable } from "../../../src/tables/mysql.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { redisTable } from "../../../src/tables/redis.ts";
import type { OpenTable } from "../../../src/testing/contract/open-table.ts";
import { QUICK, hasMariadb, startMariadb } from "../../support/servers/mariadb.ts";
import type { MariadbServer } from "../../support/servers/mariadb.ts";
import { openPglite } from "../../support/servers/postgres-clients.ts";
import type { OpenPostgresClient } from "../../support/servers/postgres-clients.ts";
import { hasRedis, someRedis } from "../../support/servers/redis.ts";
import type { RedisServer } from "../../support/servers/redis.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { testPlanted } from "./planted.ts";
import type { Planted } from "./planted.ts";

describe.skipIf(!hasMariadb)("faults planted in MariaDB", () => {
  let server: MariadbServer;
  let admin: Pool;
  beforeAll(async () => {
    server = await startMariadb(QUICK);
    admin = createPool({ uri: server.url });
  }, 60_000);
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });

  /** A table of its own, changed, by clients whose connections begin with some settings. */
  const opening = (change?: string, settings?: string) => async (): Promise<OpenTable> => {
    const name = `t_${randomUUID().replaceAll("-", "_")}`;
    await mysqlTable(admin, { table: name }).migrate();
    if (change !== undefined) await admin.query(`ALTER TABLE ${name} ${change}`);
    const pools = [createPool({ uri: server.url }), createPool({ uri: server.url })] as const;
    for (const pool of pools) {
      if (settings !== undefined)
        pool.pool.on("connection", (connection) => void connection.query(settings));
    }
    return {
      table: mysqlTable(pools[0], { table: name }),
      other: mysqlTable(pools[1], { table: name }),
      async close() {
        await Promise.all(pools.map((pool) => pool.end()));
      },
    };
  };

  const PLANTED: readonly (readonly [...Planted, change: string | undefined, settings?: string])[] =
    [
      [
        "compares keys as words of a language",
        "told apart by case",
        /Illegal mix of collations|should be/,
        "MODIFY handle VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL",
      ],
      [
        "has a column of 64 kilobytes, and a server that cuts",
        "values are up to 1,000,000 bytes",
        /its value/,
        "MODIFY value TEXT CHARACTER SET utf8mb4 NOT NULL",
        "SET SESSION sql_mode = ''",
      ],
      [
        "has a column for three bytes of a character, and a server that replaces",
        "values are any well-formed text",
        /its value/,
        "MODIFY value LONGTEXT CHARACTER SET utf8mb3 NOT NULL",
        "SET SESSION sql_mode = ''",
      ],
      [
        "keeps versions as FLOAT",
        "versions are exact from 0",
        /should be/,
        "MODIFY version FLOAT NOT NULL",
      ],
      [
        "keeps versions as INT",
        "versions are exact from 0",
        /Out of range/,
        "MODIFY version INT NOT NULL",
      ],
      [
        "keeps deadlines in 32 bits, and a server that clamps",
        "a row is there however far its deadline lies ahead",
        /expiresAt/,
        "MODIFY expires_at INT UNSIGNED NOT NULL",
        "SET SESSION sql_mode = ''",
      ],
      [
        "commits with the next transaction only",
        "a second handle sees each write as soon as it is done",
        /at the second handle/,
        undefined,
        "SET SESSION autocommit = 0",
      ],
    ];
  for (const [fault, finds, says, change, settings] of PLANTED)
    testPlanted([fault, finds, says], opening(change, settings), opening());
});

describe("faults planted in PostgreSQL, by PGlite", () => {
  let opened: OpenPostgresClient;
  beforeAll(async () => {
    opened = await openPglite("");
  }, 60_000);
  afterAll(() => opened?.close());

  const opening = (change?: string) => async (): Promise<OpenTable> => {
    const name = `t_${randomUUID().replaceAll("-", "_")}`;
    const table = postgresTable(opened.client, { table: name });
    await table.migrate();
    if (change !== undefined) await opened.run(`ALTER TABLE ${name} ${change}`);
    return { table, sendsAgain: true };
  };

  const PLANTED: readonly (readonly [...Planted, change: string])[] = [
    [
      "keeps versions as real",
      "versions are exact from 0",
      /should be/,
      "ALTER COLUMN version TYPE real",
    ],
    [
      "keeps versions as integer",
      "versions are exact from 0",
      /out of range/,
      "ALTER COLUMN version TYPE integer",
    ],
    [
      "has a column of a thousand characters",
      "values are up to 1,000,000 bytes",
      /too long/,
      "ALTER COLUMN value TYPE varchar(1000)",
    ],
  ];
  for (const [fault, finds, says, change] of PLANTED)
    testPlanted([fault, finds, says], opening(change), opening());
});

describe.skipIf(!hasRedis)("faults planted in Redis", () => {
  let server: RedisServer;
  let clients: readonly [Redis, Redis];
  beforeAll(async () => {
    server = await someRedis();
    clients = [new Redis(server.url), new Redis(server.url)];
  });
  afterAll(async () => {
    for (const client of clients ?? []) client.disconnect();
    await server?.stop();
  });

  type Fault = (client: Redis, table: SessionTable, prefix: string) => Partial<SessionTable>;
  const opening =
    (fault: Fault, sendsAgain = false) =>
    (): OpenTable => {
      const prefix = `test:${randomUUID()}:`;
      const [table, other] = clients.map((client) => {
        const sound = redisTable(client, { prefix });
        return verbsOf(sound, fault(client, sound, prefix));
      }) as [SessionTable, SessionTable];
      return { table, other, sendsAgain };
    };

  /** The rows of an author who keeps them as JSON in plain keys. */
  const asJson = (client: Redis, prefix: string) => {
    const get = async (key: string): Promise<SessionRow | undefined> => {
      const text = await client.get(`${prefix}json:${key}`);
      return text === null ? undefined : (JSON.parse(text) as SessionRow);
    };
    const set = (key: string, row: SessionRow) =>
      client.set(`${prefix}json:${key}`, JSON.stringify(row));
    return { get, set };
  };

  const PLANTED: readonly (readonly [...Planted, Fault, sendsAgain?: boolean])[] = [
    [
      "sets a key with no condition",
      "insert on a taken key gives false",
      /should be false, got true/,
      (client, _table, prefix) => ({
        ...asJson(client, prefix),
        insert: async (key, row) => (await asJson(client, prefix).set(key, row)) === "OK",
      }),
    ],
    [
      "reads and writes with two commands",
      "of many replaces by two handles one is done",
      /should be 1, got \d/,
      (client, _table, prefix) => {
        const { get, set } = asJson(client, prefix);
        return {
          get,
          async insert(key, row) {
            if (await get(key)) return false;
            await set(key, row);
            return true;
          },
          async replace(key, version, row) {
            const current = await get(key);
            if (!current) return "gone";
            if (current.version !== version) return current;
            await set(key, row);
            return "done";
          },
        };
      },
    ],
    [
      "lets the server expire a row at its deadline, by the server's clock",
      "a row is there around the time of this machine's clock",
      /the row with a deadline/,
      (client, table, prefix) => ({
        async insert(key, row, now) {
          const done = await table.insert(key, row, now);
          await client.pexpireat(`${prefix}${key}`, row.expiresAt);
          return done;
        },
      }),
    ],
    [
      "lets the server expire a row by a date, where the application's clock is behind",
      "a row is there by the core's clock",
      /in the year 2001/,
      (client, table, prefix) => ({
        async insert(key, row, now) {
          const done = await table.insert(key, row, now);
          await client.pexpireat(`${prefix}${key}`, row.expiresAt + 300_000);
          return done;
        },
      }),
    ],
    [
      "counts versions as numbers of a script",
      "versions are exact from 0",
      /should be/,
      (client, table) => {
        // tostring of Lua writes 14 digits.
        const lua = async (version: number): Promise<number> =>
          Number(await client.eval("return tostring(tonumber(ARGV[1]))", 0, version));
        return {
          insert: async (key, row, now) =>
            table.insert(key, { ...row, version: await lua(row.version) }, now),
          replace: async (key, version, row, now) =>
            table.replace(
              key,
              await lua(version),
              { ...row, version: await lua(row.version) },
              now,
            ),
        };
      },
    ],
    [
      "leaves no mark, though its client sends again",
      "insert makes no row under a key that was deleted",
      /the insert that arrives again after the delete should be false, got true/,
      (client, table, prefix) => ({
        async delete(key, version, now) {
          const answer = await table.delete(key, version, now);
          if (answer === "done") await client.del(`${prefix}${key}`);
          return answer;
        },
      }),
      true,
    ],
    [
      "leaves a mark for a moment only, though its client sends again",
      "insert makes no row under a key that was deleted",
      /the insert that arrives/,
      (client, table, prefix) => ({
        async delete(key, version, now) {
          const answer = await table.delete(key, version, now);
          if (answer === "done") await client.pexpire(`${prefix}${key}`, 1);
          return answer;
        },
        async insert(key, row, now) {
          await new Promise((resolve) => setTimeout(resolve, 3));
          return table.insert(key, row, now);
        },
      }),
      true,
    ],
  ];
  for (const [fault, finds, says, plant, sendsAgain] of PLANTED)
    testPlanted(
      [fault, finds, says],
      opening(plant, sendsAgain),
      opening(() => ({}), sendsAgain),
    );
});
