// The databases that several processes share in the tests, opened by the built package. A new store is one more entry here.
import { openSqlite } from "./sqlite-drivers.mjs";

/** @typedef {{ table: import("../../../dist/core/store.js").SessionTable, close: () => unknown }} Opened */

/** Each loads what it needs and no more, so that a process is soon ready. */
/** @type {Readonly<Record<string, (place: string, name: string) => Promise<Opened>>>} */
const OPENERS = {
  async lmdb(path) {
    const { lmdbTable } = await import("../../../dist/tables/lmdb.js");
    const table = lmdbTable({ path });
    return { table, close: () => table.close() };
  },
  async redis(url, prefix) {
    const { Redis } = await import("ioredis");
    const { redisTable } = await import("../../../dist/tables/redis.js");
    const client = new Redis(url);
    return { table: redisTable(client, { prefix }), close: () => client.disconnect() };
  },
  async upstash(url, prefix) {
    const { Redis } = await import("@upstash/redis");
    const { upstashTable } = await import("../../../dist/tables/redis.js");
    const client = new Redis({ url, token: "token-of-a-test", enableTelemetry: false });
    return { table: upstashTable(client, { prefix }), close: () => {} };
  },
  async cloudflare(url, kind) {
    const { tableIn } = await import("../cloudflare/table-in.mjs");
    return { table: tableIn(url, kind, "third"), close: () => {} };
  },
  async postgres(connectionString, name) {
    const { Pool } = await import("pg");
    const { postgresTable } = await import("../../../dist/tables/postgres.js");
    const pool = new Pool({ connectionString });
    return { table: postgresTable(pool, { table: name }), close: () => pool.end() };
  },
  async mysql(uri, name) {
    const { createPool } = await import("mysql2/promise");
    const { mysqlTable } = await import("../../../dist/tables/mysql.js");
    const pool = createPool({ uri });
    return { table: mysqlTable(pool, { table: name }), close: () => pool.end() };
  },
  async dynamodb(endpoint, name) {
    const { DynamoDB } = await import("@aws-sdk/client-dynamodb");
    const { dynamodbTable } = await import("../../../dist/tables/dynamodb.js");
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new DynamoDB({ endpoint, region: "test", credentials });
    return { table: dynamodbTable(client, { table: name }), close: () => client.destroy() };
  },
};

/**
 * @param {string} kind the word for the database, or the package that opens SQLite
 * @param {string} place the path, or the server's URL
 * @param {string} name the prefix, or the table's name, where one place has several
 * @returns {Promise<Opened>}
 */
export async function openTable(kind, place, name = "") {
  const open = OPENERS[kind];
  if (open) return open(place, name);
  const { sqliteTable } = await import("../../../dist/tables/sqlite.js");
  const db = await openSqlite(kind, place);
  const table = sqliteTable(db);
  table.migrate();
  return { table, close: () => db.close() };
}
