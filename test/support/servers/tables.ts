/** A table of a test's own in each of the database servers. */
import { randomUUID } from "node:crypto";
import { createPool } from "mysql2/promise";
import type { SessionTable } from "../../../src/core/store.ts";
import { dynamodbTable } from "../../../src/tables/dynamodb.ts";
import { mysqlTable } from "../../../src/tables/mysql.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { redisTable, upstashTable } from "../../../src/tables/redis.ts";
import { makeTable, openDynamodb, startDynalite } from "./dynalite.ts";
import { QUICK, hasMariadb, startMariadb } from "./mariadb.ts";
import { openPg } from "./postgres-clients.ts";
import { hasPostgres, somePostgres } from "./postgres.ts";
import { openIoRedis } from "./redis-clients.ts";
import { hasRedis, someRedis } from "./redis.ts";
import { openUpstash, startUpstash } from "./upstash.ts";

export interface OpenServer {
  readonly table: SessionTable;
  readonly url: string;
  /** The prefix, or the table's name. */
  readonly name: string;
  close(): Promise<void>;
}

/** Their names in the output. */
export const LABELS = {
  redis: "Redis",
  postgres: "PostgreSQL",
  mysql: "MariaDB",
  dynamodb: "DynamoDB",
  upstash: "Upstash",
} as const;

/** Servers that take some milliseconds for each call: tests that make very many calls make fewer of them there. */
export const SLOW: readonly string[] = [
  "dynamodb",
  "upstash",
] satisfies readonly (keyof typeof LABELS)[];

/** Servers over which only the orders of two requests are explored: those of three take too long, or show no more. */
export const IN_PAIRS: readonly string[] = [...SLOW, "mysql"];

/** Gives the count, and a fifth of it for a slow server. */
export function fewer(kind: string, count: number): number {
  return SLOW.includes(kind) ? count / 5 : count;
}

export const SERVERS: readonly (readonly [
  kind: keyof typeof LABELS,
  has: boolean,
  open: () => Promise<OpenServer>,
])[] = [
  ["redis", hasRedis, openRedisServer],
  ["postgres", hasPostgres, openPostgresServer],
  ["mysql", hasMariadb, openMariadbServer],
  ["dynamodb", true, openDynamodbServer],
  ["upstash", hasRedis, openUpstashServer],
];

async function openRedisServer(): Promise<OpenServer> {
  const { url, stop } = await someRedis();
  const { client, close } = await openIoRedis(url);
  const name = `test:${randomUUID()}:`;
  return {
    table: redisTable(client, { prefix: name }),
    url,
    name,
    async close() {
      close();
      await stop();
    },
  };
}

async function openPostgresServer(): Promise<OpenServer> {
  const { url, stop } = await somePostgres();
  const { client, run, close } = await openPg(url);
  const name = `t_${randomUUID().replaceAll("-", "_")}`;
  const table = postgresTable(client, { table: name });
  await table.migrate();
  return {
    table,
    url,
    name,
    async close() {
      await run(`DROP TABLE ${name}`);
      await close();
      await stop();
    },
  };
}

async function openMariadbServer(): Promise<OpenServer> {
  const { url, stop } = await startMariadb(QUICK);
  const pool = createPool({ uri: url });
  const name = `t_${randomUUID().replaceAll("-", "_")}`;
  const table = mysqlTable(pool, { table: name });
  await table.migrate();
  return {
    table,
    url,
    name,
    async close() {
      await pool.end();
      await stop();
    },
  };
}

async function openDynamodbServer(): Promise<OpenServer> {
  const { url, stop } = await startDynalite();
  const client = openDynamodb(url);
  const name = `test_${randomUUID()}`;
  await makeTable(client, name);
  return {
    table: dynamodbTable(client, { table: name }),
    url,
    name,
    async close() {
      client.destroy();
      await stop();
    },
  };
}

async function openUpstashServer(): Promise<OpenServer> {
  const redis = await someRedis();
  const { url, close } = await startUpstash(redis.url);
  const name = `test:${randomUUID()}:`;
  return {
    table: upstashTable(openUpstash(url), { prefix: name }),
    url,
    name,
    async close() {
      await close();
      await redis.stop();
    },
  };
}
