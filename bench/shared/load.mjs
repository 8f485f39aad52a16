// The load: wrk where it is installed, because it leaves the machine alone; autocannon elsewhere.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LOAD_CORE, Worker, onCore } from "./worker.mjs";

/**
 * @typedef {object} Job
 * @property {string} url
 * @property {number} seconds
 * @property {number} connections
 * @property {readonly string[]} cookies Cookie headers; each is a user of its own
 *
 * @typedef {object} Shot
 * @property {number} requests answered
 * @property {number} seconds
 * @property {number} wrong answers that were no success, or none
 *
 * @typedef {object} Load
 * @property {string} name
 * @property {(job: Job) => Promise<Shot>} shoot
 * @property {() => void} stop
 */

const hasWrk = spawnSync("wrk", ["--version"], { stdio: "ignore" }).error === undefined;

/** @returns {Load} */
export function startLoad() {
  return hasWrk ? startWrk() : startAutocannon();
}

/** @returns {Load} */
function startWrk() {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-bench-"));
  const script = fileURLToPath(new URL("wrk.lua", import.meta.url));
  return {
    name: "wrk",
    async shoot({ url, seconds, connections, cookies }) {
      const file = join(folder, "cookies");
      writeFileSync(file, cookies.join("\n") + "\n");
      const effort = ["-t1", `-c${connections}`, `-d${Math.max(1, Math.round(seconds))}s`];
      const [program, ...args] = onCore(LOAD_CORE, [
        "wrk",
        ...effort,
        "-s",
        script,
        url,
        "--",
        file,
      ]);
      const { stdout } = await promisify(execFile)(program, args);
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @returns {Load} */
function startAutocannon() {
  const worker = new Worker(LOAD_CORE, ["shared/autocannon.mjs"]);
  return { name: "autocannon", shoot: (job) => worker.ask(job), stop: () => worker.stop() };
}
