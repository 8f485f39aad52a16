/** Clients of PostgreSQL as docs/stores/postgres.md tells to make them; tests that wait for a time-out shorten it. */
import { PGlite } from "@electric-sql/pglite";
import { Pool } from "pg";
import postgres from "postgres";
import type { PgClient, PgliteClient, PostgresJsClient } from "../../../src/tables/postgres.ts";

export interface OpenPostgresClient {
  readonly client: PgClient | PostgresJsClient | PgliteClient;
  /** One statement outside of the table's. */
  run(text: string): Promise<readonly Record<string, unknown>[]>;
  /** What the client has told of connections that broke. */
  readonly errors: unknown[];
  close(): Promise<void>;
}

type OpenPostgres = (url: string, milliseconds?: number) => Promise<OpenPostgresClient>;

export const openPg: OpenPostgres = async (connectionString, milliseconds = 2000) => {
  const client = new Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: milliseconds,
    query_timeout: milliseconds,
  });
  const errors: unknown[] = [];
  client.on("error", (error) => errors.push(error));
  return {
    client,
    errors,
    run: async (text) => (await client.query(text)).rows as Record<string, unknown>[],
    close: () => client.end(),
  };
};

export const openPostgresJs: OpenPostgres = async (url, milliseconds = 2000) => {
  const client = postgres(url, {
    max: 10,
    // Its own query at the start of each connection: when that is cut, nobody takes the rejection.
    fetch_types: false,
    connect_timeout: milliseconds / 1000,
    backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 1),
  });
  return {
    client,
    errors: [],
    run: async (text) => client.unsafe(text),
    close: () => client.end({ timeout: 0 }),
  };
};

export const openPglite: OpenPostgres = async () => {
  const client = await PGlite.create();
  return {
    client,
    errors: [],
    run: async (text) => (await client.query<Record<string, unknown>>(text)).rows,
    close: () => client.close(),
  };
};

/** Those that talk to a server. */
export const POSTGRES_CLIENTS: readonly (readonly [name: string, open: OpenPostgres])[] = [
  ["pg", openPg],
  ["postgres.js", openPostgresJs],
];
