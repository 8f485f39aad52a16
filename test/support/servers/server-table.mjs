// Tables in a database's server, for processes of their own: opened by the built package.
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { Redis } from "ioredis";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { dynamodbTable } from "sojourn/dynamodb";
import { mysqlTable } from "sojourn/mysql";
import { postgresTable } from "sojourn/postgres";
import { redisTable } from "sojourn/redis";

/** @typedef {{ table: import("sojourn").SessionTable, end: () => unknown }} Opened */

/** @type {Readonly<Record<string, (url: string, name: string) => Opened>>} */
const KINDS = {
  redis: (url, prefix) => {
    const client = new Redis(url);
    return { table: redisTable(client, { prefix }), end: () => client.disconnect() };
  },
  postgres: (connectionString, table) => {
    const pool = new Pool({ connectionString });
    return { table: postgresTable(pool, { table }), end: () => pool.end() };
  },
  mysql: (uri, table) => {
    const pool = createPool({ uri });
    return { table: mysqlTable(pool, { table }), end: () => pool.end() };
  },
  dynamodb: (endpoint, table) => {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new DynamoDB({ endpoint, region: "test", credentials });
    return { table: dynamodbTable(client, { table }), end: () => client.destroy() };
  },
};

/**
 * @param {string} kind
 * @param {string} url of the server
 * @param {string} name the prefix, or the table's name
 * @returns {Opened}
 */
export function openServerTable(kind, url, name) {
  const open = KINDS[kind];
  if (!open) throw new Error(`no server "${kind}"`);
  return open(url, name);
}
