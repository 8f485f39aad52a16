// What a session costs a request: CPU time of the whole server process, which decides, and requests per second beside it.
import { readdirSync } from "node:fs";
import process from "node:process";
import { decimal, percent, times, whole } from "../report/format.mjs";
import { Contender, interleave } from "../shared/contender.mjs";
import { startLoad } from "../shared/load.mjs";
import { SCENARIOS } from "../shared/scenarios.mjs";
import { median, quantile } from "../shared/statistics.mjs";
import { baseOf, inOrder, pairs } from "./comparison.mjs";

const CONNECTIONS = 32;
/** Starts of a bare host that differ by more than this share of their median say that the machine was not quiet. */
const MOST_NOISE = 0.08;

/**
 * @typedef {object} Measured one start of a case
 * @property {string} file
 * @property {Contender} contender
 *
 * @typedef {object} Row
 * @property {string} host
 * @property {string} name
 * @property {string} role
 * @property {string | undefined} keeps
 * @property {number} cookieBytes of the whole Cookie header
 * @property {number} rps median requests per second
 * @property {number} cpu microseconds of the server's CPU time for a request: the median of its starts
 * @property {number} cost what of them sessions add
 * @property {number} together the same with the CPU time of the database
 * @property {number[]} starts of each start the quartile of its least slices
 * @property {number} spread of the slices within a start: the most that the slices of one start differ, as a share of it
 */

export const requests = {
  name: "requests",

  /** @param {import("../run.mjs").Options} options */
  async run({ quick, cases, hosts, against, starts: wanted }) {
    const effort = { rounds: quick ? 1 : 4, seconds: 1, starts: wanted ?? (quick ? 1 : 7) };
    const load = startLoad();
    const files = caseFiles(cases).filter(
      (file) => hosts.length === 0 || hosts.includes(hostOf(file)),
    );
    /** @type {Measured[]} */
    const measured = [];
    try {
      for (const host of new Set(files.map(hostOf))) {
        const ofHost = files.filter((file) => hostOf(file) === host);
        for (let start = 1; start <= effort.starts; start++) {
          process.stderr.write(`  ${host}, start ${start} of ${effort.starts} `);
          measured.push(...(await measureStart(ofHost, against, load, effort)));
          process.stderr.write("\n");
        }
      }
    } finally {
      load.stop();
    }
    const scenarios = SCENARIOS.map(({ name, title }) => {
      const rows = withCosts(rowsOf(name, measured));
      return { name, title, rows };
    });
    const noisy = [...new Set(scenarios.flatMap(({ rows }) => noisyHosts(rows)))];
    return { ...effort, connections: CONNECTIONS, load: load.name, noisy, scenarios };
  },

  /**
   * The results of two runs on different hosts.
   * @param {any} before
   * @param {any} now
   */
  join(before, now) {
    const measured = new Set(
      now.scenarios.flatMap((/** @type {any} */ { rows }) =>
        rows.map((/** @type {Row} */ { host }) => host),
      ),
    );
    const scenarios = now.scenarios.map((/** @type {any} */ scenario) => {
      const { rows = [] } =
        before.scenarios.find((/** @type {any} */ { name }) => name === scenario.name) ?? {};
      const others = rows.filter((/** @type {Row} */ { host }) => !measured.has(host));
      return { ...scenario, rows: inOrder([...others, ...scenario.rows]) };
    });
    const noisy = before.noisy.filter((/** @type {string} */ host) => !measured.has(host));
    return { ...now, scenarios, noisy: [...noisy, ...now.noisy] };
  },

  /** @returns {import("../report/tables.mjs").Table[]} */
  tables({ scenarios, noisy = [] }) {
    const note = noisy.length > 0 ? ` (noisy: ${noisy.join(", ")})` : "";
    return scenarios.flatMap(({ title, rows }) => [
      {
        title: `${title}: µs of CPU time${note}`,
        names: 2,
        head: ["host", "", "cost", "whole", "each start", "slices", "req/s", "cookie bytes"],
        rows: rows.map((/** @type {Row} */ row) => [
          row.host,
          row.name,
          decimal(row.cost),
          decimal(row.cpu),
          row.starts.map((each) => decimal(each)).join(" "),
          percent(row.spread),
          whole(row.rps),
          String(row.cookieBytes || ""),
        ]),
      },
      {
        title: `${title}: a peer's session cost, as a multiple of ours`,
        names: 3,
        head: ["host", "ours", "peer", ""],
        rows: pairs(/** @type {Row[]} */ (rows)).map(({ ours, peer }) => [
          ours.host,
          ours.name,
          peer.name,
          times(peer.cost / ours.cost),
        ]),
      },
    ]);
  },
};

/**
 * Starts all cases of one host, and measures them side by side.
 * @param {readonly string[]} files
 * @param {string | undefined} against another build of Sojourn
 * @param {import("../shared/load.mjs").Load} load
 * @param {{ rounds: number, seconds: number }} effort
 * @returns {Promise<Measured[]>}
 */
async function measureStart(files, against, load, effort) {
  /** @type {Measured[]} */
  const started = [];
  try {
    for (const file of files) {
      started.push({ file, contender: await Contender.start(`hosts/${file}`, CONNECTIONS) });
      if (!against || !file.includes("sojourn")) continue;
      const other = await Contender.start(`hosts/${file}`, CONNECTIONS, { BENCH_DIST: against });
      other.name += " (against)";
      started.push({ file, contender: other });
    }
    const contenders = started.map(({ contender }) => contender);
    await interleave(contenders, SCENARIOS, load, effort);
  } finally {
    for (const { contender } of started) contender.stop();
  }
  return started;
}

/**
 * The files of the cases to measure: those whose name holds the text, and what is without sessions on their hosts.
 * @param {string} text
 */
function caseFiles(text) {
  const files = readdirSync(new URL("../cases/hosts", import.meta.url)).sort();
  const hosts = files.filter((file) => file.includes(text)).map(hostOf);
  return files.filter(
    (file) =>
      file.includes(text) || (hosts.includes(hostOf(file)) && /-(?:bare|empty)\.mjs$/.test(file)),
  );
}

/** @param {string} file */
function hostOf(file) {
  return file.split("-")[0] ?? "";
}

/**
 * One row for each case, from all of its starts.
 * @param {string} scenario
 * @param {readonly { file: string, contender: Contender }[]} measured
 * @returns {Row[]}
 */
export function rowsOf(scenario, measured) {
  const names = new Set(measured.map(({ file, contender }) => `${hostOf(file)}:${contender.name}`));
  return [...names].map((id) => {
    const all = measured.filter(
      ({ file, contender }) => `${hostOf(file)}:${contender.name}` === id,
    );
    const [first] = all;
    if (!first) throw new Error(`nothing was measured of ${id}`);
    const { name, role, keeps, cookies } = first.contender;
    const slices = all.map(({ contender }) => contender.slices[scenario] ?? []);
    const costs = slices.map((each) => each.map(({ cpu, requests: answered }) => cpu / answered));
    const starts = costs.map((each) => quantile(each, 0.25));
    return {
      host: hostOf(first.file),
      name,
      role,
      keeps,
      cookieBytes: keeps ? (cookies[0]?.length ?? 0) : 0,
      rps: median(slices.flat().map(({ requests: answered, seconds }) => answered / seconds)),
      cpu: median(starts),
      together: median(
        slices.map((each) =>
          quantile(
            each.map((slice) => (slice.cpu + slice.others) / slice.requests),
            0.25,
          ),
        ),
      ),
      cost: 0,
      starts,
      spread: Math.max(
        ...costs.map((each) => (quantile(each, 0.5) - Math.min(...each)) / Math.min(...each)),
      ),
    };
  });
}

/**
 * @param {readonly Row[]} rows
 * @returns {Row[]}
 */
export function withCosts(rows) {
  return inOrder(rows).map((row) => {
    const bare = baseOf(rows, row.host, "bare") ?? row;
    return { ...row, cost: row.cpu - bare.cpu };
  });
}

/**
 * Hosts whose bare starts do not agree.
 * @param {readonly Row[]} rows
 * @returns {string[]}
 */
export function noisyHosts(rows) {
  return rows
    .filter(({ role }) => role === "bare")
    .filter(({ starts, cpu }) => Math.max(...starts) - Math.min(...starts) > MOST_NOISE * cpu)
    .map(({ host }) => host);
}
