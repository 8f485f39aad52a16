// npm run bench:page: writes the goals of docs/performance.md, the tables of docs/reports/performance.md and the picture
// docs/reports/performance.svg, from bench/results.json and bench/counts.json. The tables of a part that was not measured
// by a whole run stay as they are; --draft writes them too.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { goalsTable } from "./goals/all.mjs";
import { parts } from "./parts/all.mjs";
import { whole } from "./report/format.mjs";
import { machineText } from "./report/machine.mjs";
import { picture } from "./report/picture.mjs";
import { toMarkdown } from "./report/tables.mjs";
import { readResults } from "./results.mjs";

const pages = ["../docs/performance.md", "../docs/reports/performance.md"].map(
  (path) => new URL(path, import.meta.url),
);
const image = new URL("../docs/reports/performance.svg", import.meta.url);
const counts = new URL("counts.json", import.meta.url);

const { machine, parts: measured } = readResults();
const isDraft = process.argv.includes("--draft");
const results = Object.fromEntries(
  Object.entries(measured).filter(([, { whole: isWhole }]) => isWhole || isDraft),
);
const { noisy = [] } = results["requests"] ?? {};
if (noisy.length > 0 && !isDraft) {
  console.error(
    `the machine was not quiet: the bare starts of ${noisy.join(", ")} do not agree; run npm run bench again`,
  );
  process.exit(1);
}
const left = parts.map(({ name }) => name).filter((name) => !results[name]);
if (left.length === parts.length) {
  console.error("nothing was measured by a whole run: run npm run bench");
  process.exit(1);
}

/** @type {Record<string, string>} */
const blocks = {
  machine: machineText(machine),
  goals: toMarkdown(goalsTable(results)),
  counts: countsTable(),
};
for (const part of parts) {
  const data = results[part.name];
  if (!data) continue;
  blocks[part.name] = part.tables(data).map(toMarkdown).join("\n\n");
}

for (const page of pages) {
  const text = readFileSync(page, "utf8").replace(
    /(<!-- bench (\w+) -->\n)[^]*?(<!-- \/bench -->)/g,
    (block, begin, name, end) => (name in blocks ? `${begin}\n${blocks[name]}\n\n${end}` : block),
  );
  writeFileSync(page, text);
}
if (results["requests"]) writeFileSync(image, picture(results));
console.log("docs/performance.md, docs/reports/performance.md and the picture are written");
if (left.length > 0)
  console.log(`left as it was, because no whole run has measured it: ${left.join(", ")}`);

function countsTable() {
  if (!existsSync(counts)) return "Nothing is recorded yet.";
  const { node, platform, counts: recorded } = JSON.parse(readFileSync(counts, "utf8"));
  return toMarkdown({
    title: `Instructions and bytes per operation, Node ${node} on ${platform}`,
    head: ["", "instructions", "bytes allocated"],
    rows: Object.entries(recorded.bytes).map(([id, bytes]) => [
      id,
      id in recorded.instructions ? whole(recorded.instructions[id]) : "",
      whole(Number(bytes)),
    ]),
  });
}
