// npm run bench:page: writes the tables of docs/reports/performance.md and the picture docs/reports/performance.svg, from
// bench/results.json and bench/counts.json. --draft takes the results of what was no whole run as well.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { goalsTable } from "./goals/all.mjs";
import { parts } from "./parts/all.mjs";
import { whole } from "./report/format.mjs";
import { machineText } from "./report/machine.mjs";
import { picture } from "./report/picture.mjs";
import { toMarkdown } from "./report/tables.mjs";
import { readResults } from "./results.mjs";

const page = new URL("../docs/reports/performance.md", import.meta.url);
const image = new URL("../docs/reports/performance.svg", import.meta.url);
const counts = new URL("counts.json", import.meta.url);

const { machine, parts: results } = readResults();
const missing = parts.filter(({ name }) => !results[name]);
const partial = parts.filter(({ name }) => results[name]?.whole === false);
const { noisy = [] } = results["requests"] ?? {};
if (noisy.length > 0 && !process.argv.includes("--draft")) {
  console.error(
    `the machine was not quiet: the bare starts of ${noisy.join(", ")} do not agree; run npm run bench again`,
  );
  process.exit(1);
}
if (missing.length + partial.length > 0 && !process.argv.includes("--draft")) {
  const names = [...missing, ...partial].map(({ name }) => name);
  console.error(`not measured, or not by a whole run: ${names.join(", ")}; run npm run bench`);
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

const text = readFileSync(page, "utf8").replace(
  /(<!-- bench (\w+) -->\n)[^]*?(<!-- \/bench -->)/g,
  (block, begin, name, end) => (name in blocks ? `${begin}\n${blocks[name]}\n\n${end}` : block),
);
writeFileSync(page, text);
writeFileSync(image, picture(results));
console.log("docs/reports/performance.md and docs/reports/performance.svg are written");

function countsTable() {
  if (!existsSync(counts)) return "Nothing is recorded yet.";
  const { node, platform, counts: recorded } = JSON.parse(readFileSync(counts, "utf8"));
  return toMarkdown({
    title: `Instructions and bytes per operation, Node ${node} on ${platform}`,
    head: ["", "instructions", "bytes allocated"],
    rows: Object.entries(recorded.instructions).map(([id, count]) => [
      id,
      whole(Number(count)),
      whole(Number(recorded.bytes[id])),
    ]),
  });
}
