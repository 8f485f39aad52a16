// Many sessions in one table: what each weighs, what a request costs, how long the event loop stands still.
import process from "node:process";
import { decimal, duration, whole } from "../report/format.mjs";
import { median } from "../shared/statistics.mjs";
import { SERVER_CORE, Worker } from "../shared/worker.mjs";

const KINDS = ["map", "memory", "lmdb"];
const NAMES = { map: "plain Map of the same texts", memory: "memory table", lmdb: "LMDB" };

/**
 * @typedef {object} Row
 * @property {keyof typeof NAMES} kind
 * @property {number} sessions
 * @property {number} bytes of a session: memory; for LMDB, disk
 * @property {number} nanoseconds of a request that reads one key; of the plain Map, of Map.get and JSON.parse
 * @property {{ insert: number, sweep?: number }} pauses the event loop's longest, in milliseconds
 * @property {{ insert: number, sweep?: number }} collections the longest garbage collection, which is in a pause
 */

export const scale = {
  name: "scale",

  /** @param {import("../run.mjs").Options} options */
  async run({ quick }) {
    const sizes = quick ? [1e3, 1e4] : [1e3, 1e4, 1e5, 1e6];
    const rounds = quick ? 1 : 3;
    /** @type {Row[]} */
    const rows = [];
    for (const kind of KINDS) {
      for (const size of sizes) {
        // What takes long shows little noise in its cost; pauses are rare, so that each run counts.
        const runs = await runAgain(kind === "lmdb" && size > 1e5 ? 1 : rounds, kind, size);
        rows.push(summarize(runs));
        process.stderr.write(".");
      }
    }
    process.stderr.write("\n");
    return { rounds, rows };
  },

  /** @returns {import("../report/tables.mjs").Table[]} */
  tables({ rows }) {
    return [
      {
        title: "Many sessions",
        head: [
          "",
          "sessions",
          "bytes each",
          "a read",
          "pause ms, inserting",
          "GC ms",
          "pause ms, sweeping too",
          "GC ms",
        ],
        rows: rows.map((/** @type {Row} */ { kind, ...row }) => [
          NAMES[kind],
          whole(row.sessions),
          whole(row.bytes),
          duration(row.nanoseconds),
          decimal(row.pauses.insert),
          decimal(row.collections.insert),
          decimal(row.pauses.sweep),
          decimal(row.collections.sweep),
        ]),
      },
    ];
  },
};

/**
 * @param {number} rounds
 * @param {string} kind
 * @param {number} size
 * @returns {Promise<Row[]>}
 */
async function runAgain(rounds, kind, size) {
  /** @type {Row[]} */
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    const node = ["--expose-gc", "--max-old-space-size=4096"];
    const worker = new Worker(SERVER_CORE, ["parts/scale-child.mjs", kind, `${size}`], { node });
    runs.push(await worker.hear());
  }
  return runs;
}

/**
 * @param {readonly Row[]} runs
 * @returns {Row}
 */
function summarize(runs) {
  const of = (/** @type {(row: Row) => number | undefined} */ read) =>
    median(runs.map((row) => read(row) ?? Number.NaN));
  const [{ kind, sessions }] = /** @type {[Row]} */ (runs);
  return {
    kind,
    sessions,
    bytes: of(({ bytes }) => bytes),
    nanoseconds: of(({ nanoseconds }) => nanoseconds),
    pauses: { insert: of(({ pauses }) => pauses.insert), sweep: of(({ pauses }) => pauses.sweep) },
    collections: {
      insert: of(({ collections }) => collections.insert),
      sweep: of(({ collections }) => collections.sweep),
    },
  };
}
