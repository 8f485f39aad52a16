// Runs the tests of the core, the crypto and the stores, and an application, in every runtime that Sojourn is for:
//   npm run test:runtimes              all, and the table in docs/reports/runtimes.md
//   npm run test:runtimes -- bun deno  some
// The runtimes come from npm, into test/runtimes/node_modules (about 1.2 GB).
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { checkApplication } from "../test/runtimes/application.mjs";
import { updatePage } from "./runtimes-page.mjs";
import { folder, runtimeNamed, runtimes, suites } from "./runtimes.mjs";

/** @typedef {import("./runtimes.mjs").Runtime} Runtime */

/**
 * A test, as vitest's own report has it.
 * @typedef {{ readonly title: string, readonly fullName: string, readonly status: string }} Test
 *
 * @typedef {object} Report
 * @property {boolean} success
 * @property {readonly { readonly name: string, readonly assertionResults: readonly Test[] }[]} testResults
 *
 * What a runtime did.
 * @typedef {object} Result
 * @property {Runtime} runtime
 * @property {string} version
 * @property {number} total
 * @property {readonly number[]} leftOut how many tests of each suite
 * @property {readonly string[]} faults
 */

const inCi = !["", "0", "false"].includes(process.env["CI"] ?? "");
const names = process.argv.slice(2);

if (process.platform === "linux" && process.arch === "x64") {
  await testAll(names.length > 0 ? names.map(runtimeNamed) : runtimes);
} else {
  console.error("The runtimes come as packages for Linux on x64 only: nothing was tested here.");
  if (inCi) process.exitCode = 1;
}

/** @param {readonly Runtime[]} chosen */
async function testAll(chosen) {
  await install();
  /** @type {Result[]} */
  const results = [];
  for (const runtime of chosen) {
    // One after the other: some tests measure time.
    const started = performance.now();
    const result = await testRuntime(runtime);
    const { total } = results[0] ?? result;
    const faults =
      result.total === total
        ? result.faults
        : [...result.faults, `${result.total} tests were found, and ${total} before`];
    results.push({ ...result, faults });
    const count = result.leftOut.reduce((sum, each) => sum + each, 0);
    const seconds = Math.round((performance.now() - started) / 1000);
    const verdict = faults.length === 0 ? "passes" : "FAILS";
    console.log(
      `${verdict} ${result.version}: ${result.total - count} tests, ${count} left out, ${seconds} s`,
    );
    for (const fault of faults) console.error(fault);
  }
  if (results.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
  else if (chosen === runtimes && !updatePage(results, inCi)) process.exitCode = 1;
}

async function install() {
  if (modified("node_modules/.package-lock.json") >= modified("package-lock.json")) return;
  console.log("Installing the runtimes (about 1.2 GB) into test/runtimes ...");
  const { code, output } = await run(["npm", "ci", "--loglevel=error"], { cwd: folder });
  if (code !== 0) throw new Error(`npm ci in test/runtimes failed\n${output}`);
}

/** @param {string} path */
function modified(path) {
  return statSync(join(folder, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * @param {Runtime} runtime
 * @returns {Promise<Result>}
 */
async function testRuntime(runtime) {
  const temporary = mkdtempSync(join(tmpdir(), "sojourn-runtimes-"));
  const outputFile = join(temporary, "report.json");
  // Beside the tests: most of its time is waiting.
  const applicationFaults = checkApplication(runtime).catch((/** @type {unknown} */ error) => [
    String(error),
  ]);
  const { code, output } = await run(
    [
      ...runtime.vitest,
      "run",
      "--config=test/runtimes/vitest.config.mjs",
      "--reporter=dot",
      "--reporter=json",
      `--outputFile=${outputFile}`,
    ],
    { env: { SOJOURN_RUNTIME: runtime.name, NO_COLOR: "1" } },
  );
  const report = readReport(outputFile);
  rmSync(temporary, { recursive: true, force: true });
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const version = tests.flatMap(({ title }) => /^runs in (.+)$/.exec(title)?.[1] ?? [])[0] ?? "";
  return {
    runtime,
    version: runtime.workerd ? `${version} ${workerdVersion()}` : version,
    total: tests.length,
    leftOut: suites.map(({ files }) => {
      const [start = ""] = (files[0] ?? "").split("*");
      return report.testResults
        .filter(({ name }) => name.replaceAll("\\", "/").includes(`/${start}`))
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status !== "passed").length;
    }),
    faults: [
      ...(code === 0 && report.success ? [] : [output]),
      ...(version.startsWith(runtime.label) ? [] : [`the tests ran in ${version || "nothing"}`]),
      ...leftOutFaults(runtime, tests),
      ...(await applicationFaults),
    ],
  };
}

/**
 * What is left out is what the list says, no more and no less.
 * @param {Runtime} runtime
 * @param {readonly Test[]} tests
 * @returns {readonly string[]}
 */
function leftOutFaults({ leftOut = [] }, tests) {
  const skipped = tests.filter(({ status }) => !["passed", "failed"].includes(status));
  return [
    ...leftOut
      .filter(({ title }) => !skipped.some(({ fullName }) => fullName.includes(title)))
      .map(({ title }) => `no test is called "${title}": there is nothing to leave out`),
    ...skipped
      .filter(({ fullName }) => !leftOut.some(({ title }) => fullName.includes(title)))
      .map(({ fullName }) => `"${fullName}" was skipped without a reason`),
  ];
}

/**
 * @param {string} path
 * @returns {Report}
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { success: false, testResults: [] }; // What went wrong stands in the output.
  }
}

/** workerd does not tell its version to those who run in it. */
function workerdVersion() {
  const path = join(folder, "node_modules/workerd/package.json");
  return String(JSON.parse(readFileSync(path, "utf8")).version);
}

/**
 * Runs a program to its end.
 * @param {readonly string[]} command
 * @param {{ readonly cwd?: string, readonly env?: Readonly<Record<string, string>> }} options
 */
async function run([program = "", ...args], { cwd = process.cwd(), env = {} }) {
  // `npm run` tells its children that they work on this package; an npm elsewhere must not hear it.
  const ours = /^npm_(?:package|lifecycle|command|execpath|config_local_prefix)|^INIT_CWD$/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const child = spawn(program, args, {
    cwd,
    env: { ...Object.fromEntries(kept), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 10 * 60_000,
  });
  /** @type {Promise<number>} */
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: out + errors };
}
