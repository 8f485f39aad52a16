// npm run bench:check: whether an operation of ours takes more instructions, or allocates more bytes, than it did.
// bench/counts.json holds what it did; npm run bench:record writes that file anew. Counts differ between versions of Node
// and are compared with those of the same one only. `-- open` checks, or records, only the groups of operations whose
// name begins so.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { guarded, idOf } from "./operations/all.mjs";
import { HOSTS } from "./operations/hosts.mjs";
import { countBytes, countOperations, limitsAndOurs } from "./parts/operations.mjs";
import { fine, whole } from "./report/format.mjs";
import { toText } from "./report/tables.mjs";
import { hasCallgrind } from "./shared/callgrind.mjs";

/** By how much a count may grow, as a share of it, and the least growth that counts. */
const MEASURES = /** @type {const} */ ([
  { name: "instructions", title: "Instructions per operation", most: 0.02, least: 0 },
  { name: "bytes", title: "Bytes allocated per operation", most: 0.05, least: 200 },
]);
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
/** @typedef {Record<"instructions" | "bytes", Record<string, number>>} Counts */
/** @type {{ node: string, platform: string, counts: Counts } | undefined} */
const recorded = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
if (!record && (recorded?.node !== process.version || recorded.platform !== platform)) {
  console.log(
    `bench/counts.json was recorded with Node ${recorded?.node} on ${recorded?.platform}; this is ` +
      `${process.version} on ${platform}: nothing to compare with. npm run bench:record records`,
  );
  process.exit(0);
}

const chosen = limitsAndOurs(guarded.filter(({ group }) => group.startsWith(only)));
// V8 compiles what a whole request of a host needs at other moments each time: its instructions differ by a fifth.
const steady = chosen.filter(({ group }) => !HOSTS.includes(group));
/** @type {Counts} */
const counts = {
  bytes: ours(chosen, await countBytes(chosen)),
  instructions: ours(steady, await countOperations(steady)),
};
if (record) {
  const all = Object.fromEntries(
    MEASURES.map(({ name }) => [name, { ...(only && recorded?.counts[name]), ...counts[name] }]),
  );
  writeFileSync(
    file,
    `${JSON.stringify({ node: process.version, platform, counts: all }, null, 2)}\n`,
  );
}
for (const { name, title, most, least } of MEASURES) {
  const before = recorded?.counts[name] ?? {};
  const rows = Object.entries(counts[name]).map(([id, count]) => ({ id, count, was: before[id] }));
  const growth = (/** @type {typeof rows[number]} */ { count, was }) => count / (was ?? count) - 1;
  console.log(
    toText({
      title: `${title}, Node ${process.version}`,
      head: ["", "recorded", "now", "growth"],
      rows: rows.map((row) => [
        row.id,
        row.was === undefined ? "" : whole(row.was),
        whole(row.count),
        row.was === undefined ? "new" : fine(growth(row)),
      ]),
    }),
  );
  if (record) continue;
  const grown = rows.filter((row) => growth(row) > most && row.count - (row.was ?? 0) > least);
  const gone = Object.keys(before).filter((id) => id.startsWith(only) && !(id in counts[name]));
  for (const { id } of grown)
    console.error(`${id}: more than ${fine(most)} more ${name} than recorded`);
  for (const id of gone) console.error(`${id}: recorded, and not counted any more`);
  if (grown.length + gone.length > 0) process.exitCode = 1;
}
if (process.exitCode) {
  console.error("If that is meant to be, npm run bench:record records it.");
}
process.exit();

/**
 * Our operations; of a request without a host, what it takes above the bare one.
 * @param {typeof guarded} operations
 * @param {Record<string, number>} all
 */
function ours(operations, all) {
  return Object.fromEntries(
    operations
      .filter(({ role }) => role === "sojourn")
      .map((operation) => {
        // Of a host, the whole: Express is slower without us, and a difference below nothing has no growth.
        const bare = operation.group === "request" ? (all["request: bare"] ?? Number.NaN) : 0;
        return [idOf(operation), (all[idOf(operation)] ?? Number.NaN) - bare];
      }),
  );
}
