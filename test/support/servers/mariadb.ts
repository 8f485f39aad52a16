/** MariaDB for tests, as the machine has it installed. */
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createConnection } from "mysql2/promise";
import { partPath } from "../../setup/parts.ts";
import { Server, freePort, temporaryFolder } from "./servers.ts";

const program = partPath("mariadbd");

/** Whether a server can be started here. */
export const hasMariadb: boolean = program !== undefined;

/** MariaDB refuses to run as root, who may start it as nobody. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

export interface MariadbServer {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Starts it again after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Settings for tests that lose nothing when the machine does. */
export const QUICK = ["innodb_flush_log_at_trx_commit=2", "innodb_doublewrite=0"];

/** @param settings `name=value`; without any, an acknowledged commit is on the disk */
export async function startMariadb(settings: readonly string[] = []): Promise<MariadbServer> {
  if (program === undefined) throw new Error("MariaDB is not installed");
  const port = await freePort();
  const folder = temporaryFolder();
  const data = join(folder, "data");
  mkdirSync(data);
  if (nobody) for (const each of [folder, data]) chownSync(each, nobody.uid, nobody.gid);
  execFileSync(
    "mariadb-install-db",
    [
      "--no-defaults",
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
    ],
    { ...nobody, cwd: folder, stdio: "ignore" },
  );
  const args = [
    "--no-defaults",
    `--datadir=${data}`,
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=32M",
    ...settings.map((each) => `--${each}`),
  ];
  const server = new Server(program, args, folder, nobody ?? {});
  const root = `mysql://root@127.0.0.1:${port}`;
  const start = (): Promise<void> => server.start(() => answers(root));
  await start();
  return {
    url: `${root}/sojourn`,
    port,
    server,
    restart: start,
    // It would not end for the signal that stops others.
    async stop() {
      await server.kill();
      await server.stop();
    },
  };
}

async function answers(uri: string): Promise<boolean> {
  const connection = await createConnection({ uri, connectTimeout: 1000 });
  try {
    await connection.query("CREATE DATABASE IF NOT EXISTS sojourn");
    return true;
  } finally {
    connection.destroy();
  }
}
