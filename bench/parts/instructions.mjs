// What a session costs a request, in instructions of the server's process.
import { decimal, fine, times } from "../report/format.mjs";
import { count, hasCallgrind, inParallel } from "../shared/callgrind.mjs";
import { SCENARIOS } from "../shared/scenarios.mjs";
import { baseOf, inOrder, pairs } from "./comparison.mjs";
import { caseFiles, hostOf } from "./requests.mjs";

/**
 * @typedef {import("./comparison.mjs").Entrant & { counts: Record<string, number> }} Row instructions of a
 *   request, by scenario
 */

export const instructions = {
  name: "instructions",

  /** @param {import("../run.mjs").Options} options */
  async run({ quick, cases }) {
    if (!hasCallgrind) {
      console.error("valgrind is missing: instructions per request are not counted");
      return undefined;
    }
    const [warmUp, requests] = quick ? [300, 10] : [3000, 5];
    const rows = await inParallel(caseFiles(cases), async (file) => {
      const settings = [file, String(warmUp), String(requests)];
      const totals = await count("parts/instructions-child.mjs", settings);
      const { bench } = await import(new URL(`../cases/hosts/${file}`, import.meta.url).href);
      const { name, role, keeps } = bench;
      const counts = SCENARIOS.map((scenario, at) => {
        // All were counted twice: a garbage collection under way makes all code slower for a while.
        const both = [at, at + SCENARIOS.length].map((each) => totals[each] ?? Number.NaN);
        return [scenario.name, Math.round(Math.min(...both) / requests)];
      });
      return { host: hostOf(file), name, role, keeps, counts: Object.fromEntries(counts) };
    });
    return { warmUp, requests, rows: inOrder(rows) };
  },

  /** @returns {import("../report/tables.mjs").Table[]} */
  tables({ rows }) {
    return [
      {
        title: "Thousand instructions of a request",
        names: 2,
        head: ["host", "", ...SCENARIOS.map(({ name }) => name)],
        rows: rows.map((/** @type {Row} */ row) => [
          row.host,
          row.name,
          ...SCENARIOS.map(({ name }) => decimal((row.counts[name] ?? Number.NaN) / 1000)),
        ]),
      },
      {
        title: "A peer's session cost in instructions, as a multiple of ours",
        names: 3,
        head: ["host", "ours", "peer", "read", "write"],
        rows: pairs(/** @type {Row[]} */ (rows)).map(({ ours, peer }) => [
          ours.host,
          ours.name,
          peer.name,
          ...["read", "write"].map((name) =>
            times(costIn(rows, peer, name) / costIn(rows, ours, name)),
          ),
        ]),
      },
      {
        title: "Above the same host with an empty middleware, in instructions",
        names: 2,
        head: ["host", "", "untouched", "visitor"],
        rows: rows
          .filter((/** @type {Row} */ { role }) => role === "sojourn" || role === "peer")
          .map((/** @type {Row} */ row) => [
            row.host,
            row.name,
            ...["untouched", "visitor"].map((name) => fine(aboveEmpty(rows, row, name))),
          ]),
      },
    ];
  },
};

/**
 * What sessions add.
 * @param {readonly Row[]} rows
 * @param {Row} row
 * @param {string} scenario
 */
export function costIn(rows, row, scenario) {
  const bare = baseOf(rows, row.host, "bare");
  return (row.counts[scenario] ?? Number.NaN) - (bare?.counts[scenario] ?? Number.NaN);
}

/**
 * What sessions add to a host that has a middleware already, as a share of it.
 * @param {readonly Row[]} rows
 * @param {Row} row
 * @param {string} scenario
 */
export function aboveEmpty(rows, row, scenario) {
  const empty = baseOf(rows, row.host, "empty")?.counts[scenario] ?? Number.NaN;
  return (row.counts[scenario] ?? Number.NaN) / empty - 1;
}
