/** PostgreSQL for tests, from the npm package that holds its programs. */
import { Client } from "pg";
import { findPostgres, preparePostgres } from "../../../scripts/postgres-programs.mjs";
import { Server, freePort, temporaryFolder, until } from "./servers.ts";

/** A server that others run, instead of one that is started here. */
const given = process.env["SOJOURN_TEST_POSTGRES_URL"];

/** The programs, where the package has them for this machine. */
const programs = findPostgres();

/** Whether a server can be started here, and so be killed. */
export const hasOwnPostgres: boolean = programs !== undefined;
/** Whether there is any PostgreSQL to test with. */
export const hasPostgres: boolean = given !== undefined || hasOwnPostgres;

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server for tests that leave it alone: every one has its own tables. */
export async function somePostgres(): Promise<PostgresServer> {
  return given === undefined ? startPostgres(QUICK) : { url: given, stop: async () => {} };
}

export interface OwnPostgres extends PostgresServer {
  readonly port: number;
  readonly server: Server;
  /** Starts it again after a kill. */
  restart(): Promise<void>;
}

/** Settings for tests that lose nothing when the machine does. */
const QUICK = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/** @param settings `name=value`; without any, an acknowledged commit is on the disk */
export async function startPostgres(settings: readonly string[] = []): Promise<OwnPostgres> {
  if (programs === undefined) throw new Error("PostgreSQL is started here on Linux on x64 only");
  const port = await freePort();
  const folder = temporaryFolder();
  const all = ["shared_buffers=16MB", "max_connections=100", ...settings];
  const { program, args, user } = preparePostgres(programs, folder, port, all);
  const server = new Server(program, args, folder, user);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const start = (): Promise<void> => server.start(() => answers(url));
  await start();
  const stop = async (): Promise<void> => {
    await untilAlone(url);
    await server.stop();
  };
  return { url, port, server, restart: start, stop };
}

/**
 * Waits until the other connections have gone, for a second at most: `end()` of a pool does not wait for its connections,
 * and one that hears first that the server stops is an error of the pool that a test would have to listen for.
 */
async function untilAlone(connectionString: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 1000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await until("the end of the other connections", () => isAlone(client), 1);
  } catch {
    // A server that was killed has no connections, and a pool that a test has left open ends with the server.
  } finally {
    await client.end().catch(() => {});
  }
}

async function isAlone(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ others: number }>(
    `SELECT count(*)::int AS others FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  return rows[0]?.others === 0;
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 1000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
