// npm run bench:check: whether an operation of ours takes more instructions than it did. bench/counts.json holds what
// it did; npm run bench:record writes that file anew. Counts differ between versions of Node and are compared with
// those of the same one only. `-- open` checks, or records, only the groups of operations
// whose name begins so.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { operations, idOf } from "./operations/all.mjs";
import { countOperations } from "./parts/operations.mjs";
import { fine, whole } from "./report/format.mjs";
import { toText } from "./report/tables.mjs";
import { hasCallgrind } from "./shared/callgrind.mjs";

const MOST_GROWTH = 0.02;
const file = new URL("counts.json", import.meta.url);
const platform = `${process.platform}-${process.arch}`;
const { values, positionals } = parseArgs({
  options: { record: { type: "boolean", default: false } },
  allowPositionals: true,
});
const { record } = values;
const [only = ""] = positionals;

if (!hasCallgrind) {
  console.error("valgrind is missing: instructions cannot be counted; apt-get install valgrind");
  process.exit(1);
}
/** @type {{ node: string, platform: string, counts: Record<string, number> } | undefined} */
const recorded = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
if (!record && (recorded?.node !== process.version || recorded.platform !== platform)) {
  console.log(
    `bench/counts.json was recorded with Node ${recorded?.node} on ${recorded?.platform}; this is ` +
      `${process.version} on ${platform}: nothing to compare with. npm run bench:record records`,
  );
  process.exit(0);
}

const counts = ours(await countOperations(only));
if (record) {
  const kept = only === "" ? {} : recorded?.counts;
  const all = { node: process.version, platform, counts: { ...kept, ...counts } };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}
const rows = Object.entries(counts).map(([id, count]) => {
  const before = recorded?.counts[id];
  const growth = before === undefined ? undefined : count / before - 1;
  return { id, count, before, growth };
});
console.log(
  toText({
    title: `Instructions per operation, Node ${process.version}`,
    head: ["", "recorded", "now", "growth"],
    rows: rows.map(({ id, count, before, growth }) => [
      id,
      before === undefined ? "" : whole(before),
      whole(count),
      growth === undefined ? "new" : fine(growth),
    ]),
  }),
);

const gone = Object.keys(recorded?.counts ?? {}).filter(
  (id) => id.startsWith(only) && !(id in counts),
);
const grown = rows.filter(({ growth = 0 }) => growth > MOST_GROWTH);
if (!record && (grown.length > 0 || gone.length > 0)) {
  for (const { id } of grown)
    console.error(`${id}: more than ${fine(MOST_GROWTH)} more than recorded`);
  for (const id of gone) console.error(`${id}: recorded, and not counted any more`);
  console.error("If that is meant to be, npm run bench:record records it.");
  process.exitCode = 1;
}

/**
 * Our operations; of a request, what it takes above the bare one.
 * @param {Record<string, number>} all
 */
function ours(all) {
  const counted = operations.filter((each) => each.role === "sojourn" && idOf(each) in all);
  return Object.fromEntries(
    counted.map((operation) => {
      const bare = operation.group === "request" ? (all["request: bare"] ?? Number.NaN) : 0;
      return [idOf(operation), (all[idOf(operation)] ?? Number.NaN) - bare];
    }),
  );
}
