// The programs that the tests use, started for the benchmark on the core of the load.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { findPostgres, preparePostgres } from "../../scripts/postgres-programs.mjs";
import { find, parts } from "../../scripts/test-parts.mjs";
import { LOAD_CORE, onCore } from "./worker.mjs";

/**
 * @typedef {object} Database
 * @property {"redis" | "postgres"} host
 * @property {number} port
 * @property {number} pid of its first process
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
  const { stop, pid } = await start([program, ...args], port, folder);
  return { host: "redis", port, pid, url: (at) => `redis://127.0.0.1:${at}`, stop };
}

/**
 * Without waiting for the disk, which would be what is measured.
 * @returns {Promise<Database | undefined>} nothing where the package has no programs for this machine
 */
export async function startPostgres() {
  const programs = findPostgres();
  if (!programs) return undefined;
  const folder = temporaryFolder();
  const port = await freePort();
  const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
  const { program, args, user } = preparePostgres(programs, folder, port, settings);
  const { stop, pid } = await start([program, ...args], port, folder, user);
  return {
    host: "postgres",
    port,
    pid,
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
  const stop = async () => {
    process.off("exit", kill);
    kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { stop, pid: child.pid ?? 0 };
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
