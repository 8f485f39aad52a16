/** PgBouncer in transaction mode, in front of a PostgreSQL: each transaction may get another connection to the server. */
import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { Client } from "pg";
import { partPath } from "../../setup/parts.ts";
import { Server, freePort, temporaryFolder } from "../servers/servers.ts";

/** The program, where the machine has it. */
export const pgbouncerProgram: string | undefined = partPath("pgbouncer");

export interface Pooler {
  /** The address by which clients reach the PostgreSQL behind it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The user that Debian has for nobody. PgBouncer refuses to run as root. */
const NOBODY = 65_534;

/** @param upstream the address of the PostgreSQL behind it; PgBouncer has few connections to it, so that they are shared */
export async function startPgbouncer(upstream: string): Promise<Pooler> {
  if (pgbouncerProgram === undefined) throw new Error("pgbouncer is missing: npm run test:setup");
  const port = await freePort();
  const folder = temporaryFolder();
  const { hostname, port: server, username, password, pathname } = new URL(upstream);
  const login = `user=${username}${password ? ` password=${password}` : ""}`;
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
app = host=${hostname} port=${server} dbname=${pathname.slice(1)} ${login}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
`,
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chmodSync(folder, 0o755);
    chownSync(settings, NOBODY, NOBODY);
  }
  const running = new Server(
    pgbouncerProgram,
    [settings],
    folder,
    isRoot ? { uid: NOBODY, gid: NOBODY } : {},
  );
  const url = `postgres://app@127.0.0.1:${port}/app`;
  await running.start(() => answers(url));
  return { url, stop: () => running.stop() };
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
