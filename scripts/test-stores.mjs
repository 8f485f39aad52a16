// Runs the tests of all stores and prints what they come to: contract cases, interleavings, faults survived. `npm run test:stores`
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const tests = fileURLToPath(new URL("../test", import.meta.url));
const TESTS = ["test/tables", "test/laws/interleavings.test.ts"];

/** Columns, by what a test's file and its full title say; the first that fits takes the test. */
const COLUMNS = /** @type {const} */ ([
  ["contract", /the contract of a table /],
  ["laws", /the contract of the table store/],
  ["orders", /in every order of their table calls/],
  ["faults", /\/faults\.test|killed|full disk|blocked event loop|that starts again finds/],
  ["crowds", /four processes/],
  ["other", /(?:)/],
]);

/** Rows, likewise. What is about no store, such as a contract that finds broken tables, has none. */
const STORES = /** @type {const} */ ([
  ["LMDB", /^tables\/lmdb/],
  ["SQLite", /^tables\/sqlite/],
  ["MariaDB", /^tables\/mysql|over mysql/i],
  ["DynamoDB", /^tables\/dynamodb|over dynamodb/i],
  ["Redis or Valkey", /^tables\/redis(?:\.|\/faults)|over redis/i],
  ["Redis Cluster", /^tables\/redis\/cluster.* (?:a Redis Cluster|a Cluster,) /],
  ["Redis, Sentinel", /^tables\/redis\/cluster.*Sentinel/],
  ["PostgreSQL", /^tables\/postgres|over postgres/i],
  ["table in memory", /^tables\/memory|^laws\/interleavings\.test/],
]);

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */
/** @typedef {{ fullName: string, status: string, failureMessages: readonly string[] | null }} Test */
/** @typedef {{ name: string, message: string, assertionResults: readonly Test[] }} TestFile */
/** @typedef {{ testResults: readonly TestFile[] }} Report */

const folder = mkdtempSync(join(tmpdir(), "sojourn-stores-"));
try {
  const { code, output, report } = await run(join(folder, "report.json"));
  if (report) print(report, toldIn(output));
  else process.stderr.write(output);
  process.exitCode = code;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} file where the report goes
 * @returns {Promise<{ code: number, output: string, report: Report | undefined }>}
 */
async function run(file) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const vitest = join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", ...TESTS, ...reporters, ...process.argv.slice(2)];
  console.error("Testing all stores against real servers; this takes some minutes ...");
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => (output += text));
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  try {
    return { code: code ?? 1, output, report: JSON.parse(readFileSync(file, "utf8")) };
  } catch {
    // It has not come so far as to write one; what it said is the reason.
    return { code: code || 1, output, report: undefined };
  }
}

/**
 * The lines in which tests print what they have counted.
 * @param {string} output
 */
function toldIn(output) {
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) =>
      /^(?!stdout \||[✓×↓❯]).*(?:\d (?:commits|acknowledged|increments)|^a log-out|log-out against|: \d+$)/.test(
        line,
      ),
    );
}

/**
 * @param {Report} report
 * @param {readonly string[]} told
 */
function print(report, told) {
  /** @type {Map<string, Count>} */
  const counts = new Map();
  /** @type {string[]} */
  const failures = [];
  for (const { name, message, assertionResults } of report.testResults) {
    // What failed before the tests, such as the start of a server, makes them skipped.
    const file = relative(tests, name).replaceAll(sep, "/");
    if (message) failures.push(`${file}: ${firstLine(message)}`);
    for (const { fullName, status, failureMessages } of assertionResults) {
      const about = `${file} ${fullName} `;
      if (status === "failed") failures.push(`${about}: ${firstLine(failureMessages?.[0] ?? "")}`);
      const store = STORES.find(([, pattern]) => pattern.test(about))?.[0];
      const column = COLUMNS.find(([, pattern]) => pattern.test(about))?.[0];
      const count = counts.get(`${store} ${column}`) ?? { passed: 0, failed: 0, skipped: 0 };
      if (status === "passed") count.passed++;
      else if (status === "failed") count.failed++;
      else count.skipped++;
      counts.set(`${store} ${column}`, count);
    }
  }

  const explored = interleavings(told);
  const titles = [...COLUMNS.map(([title]) => title), "interleavings"];
  const rows = STORES.map(([store]) => [
    store,
    ...COLUMNS.map(([title]) => show(counts.get(`${store} ${title}`))),
    explored.get(store)?.toLocaleString("en") ?? "-",
  ]);
  printTable([["store", ...titles], ...rows]);
  console.log(`
contract       cases of the table contract, by each client of the store
laws           what the table store promises, over that table, with answers that get lost
orders         groups of requests whose table calls meet in every order; interleavings: how many that were
faults         servers and processes killed, connections cut, silence, a full disk; each survived
crowds         four processes at one session: 200 increments, a log-out against 100 writers; a fifth of that on DynamoDB
`);
  console.log("What the tests counted:");
  for (const line of told) console.log(`  ${line}`);
  if (failures.length > 0) console.log(`\nFailed:\n  ${failures.join("\n  ")}`);
}

/** @param {string} text */
function firstLine(text) {
  return text.split("\n", 1)[0] ?? "";
}

/**
 * How many interleavings were explored, by store.
 * @param {readonly string[]} told
 * @returns {Map<string, number>}
 */
function interleavings(told) {
  /** @type {Map<string, number>} */
  const explored = new Map();
  for (const line of told) {
    const [, where = "", runs] = /^interleavings explored over (.+): (\d+)$/.exec(line) ?? [];
    if (runs === undefined) continue;
    const words = { LMDB: "LMDB", Redis: "Redis or Valkey", PostgreSQL: "PostgreSQL" };
    const word = Object.entries(words).find(([each]) => where.includes(each))?.[1];
    explored.set(word ?? "table in memory", Number(runs));
  }
  return explored;
}

/**
 * What passed; and what did not, where there is any.
 * @param {Count | undefined} count
 */
function show(count) {
  if (!count) return "-";
  const { passed, failed, skipped } = count;
  const rest = [failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`];
  return [passed, ...rest].filter((each) => each !== false).join(", ");
}

/** @param {readonly (readonly string[])[]} rows */
function printTable(rows) {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => (row[at] ?? "").length)),
  );
  for (const row of rows) {
    const [first = "", ...others] = row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    );
    console.log([first, ...others].join("  "));
  }
}
