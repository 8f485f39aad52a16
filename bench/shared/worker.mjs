// Processes of the benchmark, each kept to a core where the system can do that.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The core of what is measured, and that of all else. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Whether server and load have a core of their own. */
export const pinned = [SERVER_CORE, LOAD_CORE].every((core) => {
  const { status } = spawnSync("taskset", ["-c", String(core), "true"], { stdio: "ignore" });
  return status === 0;
});

/**
 * The command that keeps another one to a core.
 * @param {number} core
 * @param {readonly string[]} command
 * @returns {[program: string, ...args: string[]]}
 */
export function onCore(core, command) {
  const [program = "", ...args] = command;
  return pinned ? ["taskset", "-c", String(core), program, ...args] : [program, ...args];
}

/**
 * A Node process that answers each message with one message.
 */
export class Worker {
  #child;
  #errors = "";

  /**
   * @param {number} core
   * @param {readonly string[]} args the script, relative to the benchmark's folder, and its arguments
   * @param {{ environment?: Record<string, string>, node?: readonly string[] }} [options] and options of Node
   */
  constructor(core, [script = "", ...args], { environment = {}, node = [] } = {}) {
    const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
    const options = [...node, ...profiling(script)];
    const [program, ...rest] = onCore(core, [process.execPath, ...options, file, ...args]);
    this.#child = spawn(program, rest, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, NODE_ENV: "production", ...environment },
    });
    // Some peers print warnings; they matter only when the process fails.
    this.#child.stderr?.on("data", (text) => {
      this.#errors += String(text);
    });
  }

  /** The next message. @returns {Promise<any>} */
  async hear() {
    const gone = new AbortController();
    const exited = once(this.#child, "exit", { signal: gone.signal }).then(() => {
      throw new Error(`a process of the benchmark has ended\n${this.#errors}`);
    });
    // Aborting is how the wait for the exit ends, and no failure.
    exited.catch(() => {});
    try {
      const [message] = await Promise.race([once(this.#child, "message"), exited]);
      return message;
    } finally {
      gone.abort();
    }
  }

  /** @param {object} message @returns {Promise<any>} */
  ask(message) {
    const answer = this.hear();
    this.#child.send(message);
    return answer;
  }

  stop() {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/**
 * `BENCH_PROFILE=folder` writes a CPU profile of each server there.
 * @param {string} script
 */
function profiling(script) {
  const folder = process.env["BENCH_PROFILE"];
  return folder && script.endsWith("/server.mjs") ? ["--cpu-prof", `--cpu-prof-dir=${folder}`] : [];
}
