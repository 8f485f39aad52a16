// Counts how control moves between the files of dist/ in one request, for each host, store and operation:
//   npm run count:hops
//   npm run count:hops -- express async                    one host, one store, or one operation of them
//   npm run count:hops -- --dist ../other/dist             the build of another checkout
//   npm run count:hops -- --trace express memory write     every function, in the order in which it is entered
// A "stay" begins when control enters another file than before. Going on after an `await` is not seen. Arrow
// functions are mostly the second half of a function that waits, so stays are counted without and with them.
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { copyInstrumented } from "./hops-instrument.mjs";

/** @typedef {import("./hops-instrument.mjs").Entry} Entry */

const hosts = ["express", "hono"];
const stores = ["memory", "async", "cookie"];
const operations = ["read", "write", "log-in", "renewal", "log-out"];

/** Small helpers that are called from everywhere; a visit to one is no stay. Some names are of older trees. */
const HELPERS = new Set([
  "old-habits",
  "awaitable",
  "errors",
  "habits",
  "misuse",
  "sharded-map",
  "values",
]);

const { values: options, positionals } = parseArgs({
  options: { dist: { type: "string" }, trace: { type: "boolean", default: false } },
  allowPositionals: true,
});
const root = fileURLToPath(new URL("..", import.meta.url));
const dist = resolve(options.dist ?? join(root, "dist"));
const [host = "", store = "", operation = ""] = positionals;
const choices = [hosts, stores, operations];
const known = positionals.every((name, index) => choices[index]?.includes(name));
if (!known || (options.trace && positionals.length < choices.length)) {
  const names = choices.map((each) => each.join("|"));
  console.error(`npm run count:hops -- [--dist <folder>] [${names.join(" [")}]]]`);
  console.error(`npm run count:hops -- [--dist <folder>] --trace ${names.join(" ")}`);
  process.exit(1);
}

/** Without the stubs of browsers, which have the names of the entries. */
const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter(
  (path) => !path.startsWith("browser"),
);
mkdirSync(join(root, "build"), { recursive: true });
const folder = mkdtempSync(join(root, "build", "hops-"));
try {
  copyInstrumented(dist, folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  if (options.trace) {
    const measured = await measure(host, store);
    printTrace(measured[operation] ?? []);
  } else {
    const rows = [];
    for (const eachHost of host ? [host] : hosts) {
      for (const eachStore of store ? [store] : stores) {
        const measured = await measure(eachHost, eachStore);
        for (const each of operation ? [operation] : operations) {
          rows.push([eachHost, eachStore, each, ...count(measured[each] ?? [])]);
        }
      }
    }
    printTable(rows);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * Runs one host with one store in a process of its own.
 * @param {string} hostName
 * @param {string} storeName
 * @returns {Promise<Record<string, Entry[]>>} what each operation entered
 */
function measure(hostName, storeName) {
  const script = fileURLToPath(new URL("hops-requests.mjs", import.meta.url));
  const child = fork(script, [entry("."), entry(`./${hostName}`), hostName, storeName]);
  return new Promise((done, failed) => {
    child.once("message", (message) => done(/** @type {Record<string, Entry[]>} */ (message)));
    child.once("exit", (code) => failed(new Error(`${script} ended with ${code}`)));
  });
}

/**
 * Where the copy has what the package.json beside dist/ exports under a name.
 * @param {string} name
 */
function entry(name) {
  const { exports } = JSON.parse(readFileSync(join(dirname(dist), "package.json"), "utf8"));
  const file = resolve(dirname(dist), exports[name].default);
  return pathToFileURL(join(folder, relative(dist, file))).href;
}

/** @param {readonly Entry[]} entries */
function count(entries) {
  const entered = new Set(entries.map(({ file }) => file));
  const functions = new Set(entries.map(({ file, at }) => `${file}:${at}`));
  const stays = staysOf(entries.filter(({ arrow }) => !arrow));
  /** @type {Map<string, number>} */
  const perFile = new Map();
  for (const { file } of stays) perFile.set(file, (perFile.get(file) ?? 0) + 1);
  const most = [...perFile].sort(([, a], [, b]) => b - a).slice(0, 6);
  return [
    ...[entered.size, functions.size, stays.length, staysOf(entries).length].map(String),
    most.map(([file, times]) => `${shortName(file)} ${times}`).join(", "),
  ];
}

/**
 * The entries with which control comes into another file than before.
 * @param {readonly Entry[]} entries
 */
function staysOf(entries) {
  const counted = entries.filter(({ file }) => !HELPERS.has(basename(file)));
  return counted.filter(({ file }, index) => file !== counted[index - 1]?.file);
}

/**
 * One line for each entry; those that begin a stay, arrow functions counted, are not indented.
 * @param {readonly Entry[]} entries
 */
function printTrace(entries) {
  const stays = new Set(staysOf(entries));
  for (const each of entries) {
    console.log(`${stays.has(each) ? "" : "    "}${shortName(each.file)}.${each.name}`);
  }
}

/**
 * The file's name, with its folder where another file has the same name.
 * @param {string} file
 */
function shortName(file) {
  const name = basename(file);
  const same = files.filter((path) => basename(path) === `${name}.js`);
  return same.length === 1 ? name : `${basename(dirname(file))}/${name}`;
}

/** @param {readonly (readonly string[])[]} rows */
function printTable(rows) {
  const counts = ["files", "functions", "stays", "with arrows"];
  const heads = ["host", "store", "operation", ...counts, "entered most"];
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) => {
    return Math.max(...lines.map((line) => (line[column] ?? "").length));
  });
  for (const line of lines) {
    const cells = line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return counts.includes(heads[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
    });
    console.log(cells.join("  ").trimEnd());
  }
}
