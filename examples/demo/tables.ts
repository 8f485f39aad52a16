/** The demo's databases: each is a client that an application has already, and one call of Sojourn. */
import { fileURLToPath } from "node:url";
import { Pool } from "pg";
import { createClient } from "redis";
import { SessionError } from "sojourn";
import type { SessionTable } from "sojourn";
import { lmdbTable } from "sojourn/lmdb";
import { postgresTable } from "sojourn/postgres";
import { redisTable } from "sojourn/redis";

/** Not in git, and the same wherever the demo is started from. */
const DATA = new URL("data/", import.meta.resolve("sojourn/package.json"));
const LOCAL_REDIS = "redis://127.0.0.1:6379";
/** Milliseconds in which a server must take a connection. */
const PATIENCE = 2000;

export function openLmdb(env: NodeJS.ProcessEnv): SessionTable {
  const path = env["SOJOURN_LMDB_PATH"] ?? fileURLToPath(DATA);
  try {
    return lmdbTable({ path });
  } catch (error) {
    throw unreachable("LMDB", path, error, "Set SOJOURN_LMDB_PATH to a folder on a local disk.");
  }
}

export async function openRedis(env: NodeJS.ProcessEnv): Promise<SessionTable> {
  const url = env["SOJOURN_REDIS_URL"] ?? LOCAL_REDIS;
  const advice = "Start Redis or Valkey there, or set SOJOURN_REDIS_URL.";
  let started = false;
  try {
    const client = createClient({
      url,
      socket: {
        connectTimeout: PATIENCE,
        // At the start a person waits for the reason; later the client tries until the server is back.
        reconnectStrategy: (retries, cause) =>
          started ? Math.min(50 * 2 ** retries, 1000) : cause,
      },
    });
    // Without a listener an error ends the process. The requests that fail tell of it.
    client.on("error", () => {});
    await client.connect();
    started = true;
    return redisTable(client);
  } catch (error) {
    throw unreachable("Redis", placeOf(url), error, advice);
  }
}

export async function openPostgres(env: NodeJS.ProcessEnv): Promise<SessionTable> {
  const connectionString = env["SOJOURN_POSTGRES_URL"];
  const advice = "Start PostgreSQL there, or set SOJOURN_POSTGRES_URL.";
  try {
    const pool = new Pool({
      // Without an address, pg looks at PGHOST and its like, and then at this machine.
      ...(connectionString !== undefined && { connectionString }),
      connectionTimeoutMillis: PATIENCE,
      query_timeout: PATIENCE,
    });
    pool.on("error", () => {});
    const table = postgresTable(pool);
    await table.migrate();
    return table;
  } catch (error) {
    throw unreachable("PostgreSQL", placeOf(connectionString), error, advice);
  }
}

/** One line for whoever starts the demo. */
function unreachable(what: string, place: string, error: unknown, advice: string): Error {
  const cause = error instanceof SessionError ? (error.cause ?? error) : error;
  return new Error(`${what} at ${place} cannot be used: ${reasonOf(cause)}. ${advice}`, { cause });
}

/** Of several addresses that were tried, the first one's reason: the error of all has no text. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** A server's address, without the password. */
function placeOf(url: string | undefined): string {
  if (url === undefined) return "its usual address";
  return URL.canParse(url) ? new URL(url).host : "an address that is no URL";
}
