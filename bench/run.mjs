// npm run bench: what a session costs, here and elsewhere.
//
//   --quick               a short look, to see that all works; its figures say little
//   --only <part,part>    requests, operations, databases, scale
//   --hosts <host,host>   requests: only these hosts; what the last run has found of the others stays
//   --cases <text>        requests: only cases whose file name holds the text, and those without sessions
//   --starts <number>     requests and databases: how often each server is started, 7 and 3 if it is not said
//   --against <folder>    requests: measures Sojourn a second time, as built in that folder
//   --print               measures nothing and prints the last results
import process from "node:process";
import { parseArgs } from "node:util";
import { goalsTable } from "./goals/all.mjs";
import { parts } from "./parts/all.mjs";
import { machineText } from "./report/machine.mjs";
import { toText } from "./report/tables.mjs";
import { keepResult, readResults } from "./results.mjs";

/** Fewer starts of a server say little: two of them can differ by half. */
const LEAST_STARTS = 3;

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    cases: { type: "string", default: "" },
    hosts: { type: "string", default: "" },
    starts: { type: "string" },
    against: { type: "string" },
    print: { type: "boolean", default: false },
  },
});

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {string} cases
 * @property {readonly string[]} hosts all of them if there is none
 * @property {string | undefined} against
 * @property {number | undefined} starts
 */

const wanted = flags.only === "" ? [] : flags.only.split(",");
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown}; there are ${parts.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
const chosen = parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

const hosts = flags.hosts === "" ? [] : flags.hosts.split(",");

/**
 * What a part has found now, beside what it had found of other hosts before.
 * @param {any} part
 * @param {any} data
 */
function joined(part, data) {
  const before = readResults().parts[part.name];
  return hosts.length > 0 && before?.whole && part.join ? part.join(before, data) : data;
}

if (!flags.print) {
  for (const part of chosen) {
    const { quick, cases, against } = flags;
    const starts = flags.starts === undefined ? undefined : Number(flags.starts);
    const whole = !quick && cases === "" && !against && (starts ?? LEAST_STARTS) >= LEAST_STARTS;
    const start = performance.now();
    process.stderr.write(`${part.name}\n`);
    const data = await part.run({ quick, cases, hosts, against, starts });
    if (data) keepResult(part.name, { whole, ...joined(part, data) });
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`  ${data ? "done in" : "left out after"} ${seconds.toFixed(0)} s\n`);
  }
}

const results = readResults();
console.log(`\n${machineText(results.machine)}\n`);
for (const part of chosen) {
  const data = results.parts[part.name];
  if (!data) continue;
  const note = data.whole ? "" : " (not a whole run)";
  for (const table of part.tables(data)) {
    console.log(toText({ ...table, title: `${table.title}${note}` }));
  }
}
console.log(toText(goalsTable(results.parts)));
const { noisy = [] } = results.parts["requests"] ?? {};
if (noisy.length > 0)
  console.log(
    `noisy: the bare starts of ${noisy.join(", ")} do not agree within 8 %; this is no figure to publish`,
  );
