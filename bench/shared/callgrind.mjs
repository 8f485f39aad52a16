// Counts of instructions. They do not change with what else the machine does, which makes them the judge of small
// differences; they leave out the kernel and what memory costs.
import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "./statistics.mjs";

/**
 * The flags under which V8 does the same work each time: no threads, no random seeds. A warning that is printed makes V8
 * give compiled code up, which then counts with every request.
 */
const NODE = [
  "--no-warnings",
  "--predictable",
  "--single-threaded",
  "--hash-seed=42",
  "--random-seed=42",
];

/** Where JavaScript can make callgrind write down what it has counted so far: a call that Node makes for nobody else. */
const MARK = "uv_os_getpriority";

/** How often the same work is counted: the median leaves out where V8 compiled something or collected garbage. */
const WINDOWS = 9;

/**
 * For the script that is counted: counts `times` runs of its work. Before that nothing is counted, which takes a tenth
 * of the time, so that it can warm up for long.
 * @param {(times: number) => Promise<void>} work
 * @param {number} times
 */
export async function counted(work, times) {
  await setCounting("on");
  await work(times);
  for (let window = 0; window < WINDOWS; window++) {
    void getPriority();
    await work(times);
    void getPriority();
  }
  await setCounting("off");
}

/** @param {"on" | "off"} state */
async function setCounting(state) {
  await promisify(execFile)("vgdb", [`--pid=${process.pid}`, "instrumentation", state]);
}

export const hasCallgrind = spawnSync("valgrind", ["--version"], { stdio: "ignore" }).status === 0;
const hasSetarch = spawnSync("setarch", ["-R", "true"], { stdio: "ignore" }).status === 0;

/**
 * Runs a script and gives the instructions of each of its calls of {@link counted}.
 * @param {string} script relative to the benchmark's folder
 * @param {readonly string[]} args
 * @returns {Promise<number[]>}
 */
export async function count(script, args) {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-bench-"));
  try {
    const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
    // Even the length of an environment moves the stack: there is none but this.
    const environment = [
      "PATH=/usr/bin:/bin",
      `HOME=${folder}`,
      "NODE_ENV=production",
      "UV_THREADPOOL_SIZE=1",
      ...otherBuild(),
    ];
    const valgrind = [
      "valgrind",
      "--tool=callgrind",
      "--smc-check=all-non-file", // V8 writes code while it runs
      "--instr-atstart=no",
      `--dump-before=${MARK}`,
      `--callgrind-out-file=${folder}/out`,
    ];
    const node = [process.execPath, ...NODE, file, ...args];
    const withoutRandom = hasSetarch ? ["setarch", "-R"] : [];
    await run([...withoutRandom, "env", "-i", ...environment, ...valgrind, ...node]);
    const totals = readdirSync(folder)
      .map((name) => Number(/^out\.(\d+)$/.exec(name)?.[1] ?? 0))
      .filter((number) => number > 0 && number % 2 === 0)
      .sort((a, b) => a - b)
      .map((number) => readTotal(join(folder, `out.${number}`)));
    return Array.from({ length: totals.length / WINDOWS }, (_, at) =>
      median(totals.slice(at * WINDOWS, (at + 1) * WINDOWS)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Does all tasks, as many at once as there are cores: counts do not mind each other.
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<R>} task
 * @returns {Promise<R[]>}
 */
export async function inParallel(items, task) {
  /** @type {R[]} */
  const results = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await task(items[at]);
      process.stderr.write(".");
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  process.stderr.write("\n");
  return results;
}

function otherBuild() {
  const build = process.env["BENCH_DIST"];
  return build ? [`BENCH_DIST=${build}`] : [];
}

/** @param {string} file */
function readTotal(file) {
  const total = /^(?:totals|summary): (\d+)/m.exec(readFileSync(file, "utf8"))?.[1];
  if (total === undefined) throw new Error(`callgrind has counted nothing: ${file}`);
  return Number(total);
}

/** @param {readonly string[]} command */
async function run([program = "", ...args]) {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += String(text);
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`a count has ended with ${code}\n${errors}`);
}
