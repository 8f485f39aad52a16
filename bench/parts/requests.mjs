// What a session costs a request, by the clock and by CPU time.
import { readdirSync } from "node:fs";
import { decimal, percent, times, whole } from "../report/format.mjs";
import { Contender, interleave } from "../shared/contender.mjs";
import { SCENARIOS } from "../shared/scenarios.mjs";
import { median, spread } from "../shared/statistics.mjs";
import { LOAD_CORE, Worker } from "../shared/worker.mjs";
import { baseOf, inOrder, pairs } from "./comparison.mjs";

const USERS = 32;

/**
 * @typedef {object} Row
 * @property {string} host
 * @property {string} name
 * @property {string} role
 * @property {string | undefined} keeps
 * @property {number} cookieBytes of the whole Cookie header
 * @property {number} rps median requests per second
 * @property {number} spread of the requests per second
 * @property {number} cost microseconds that sessions add to a request: 1 / rps - 1 / rps of the bare host
 * @property {number} cpu median microseconds of the server's CPU time for a request
 * @property {number} cpuCost what of them sessions add
 * @property {number} busy share of the time in which the server worked: below 1 it waited for the load, or its core
 */

export const requests = {
  name: "requests",

  /** @param {import("../run.mjs").Options} options */
  async run({ quick, cases, against }) {
    const effort = quick ? { rounds: 1, seconds: 0.3 } : { rounds: 5, seconds: 0.4 };
    const load = new Worker(LOAD_CORE, ["shared/load.mjs"]);
    /** @type {{ host: string, contender: Contender }[]} */
    const started = [];
    const start = async (
      /** @type {string} */ file,
      /** @type {Record<string, string>} */ environment,
    ) => {
      const contender = await Contender.start(`hosts/${file}`, USERS, environment);
      started.push({ host: hostOf(file), contender });
      return contender;
    };
    try {
      for (const file of caseFiles(cases)) {
        await start(file, {});
        if (!against || !file.includes("sojourn")) continue;
        const other = await start(file, { BENCH_DIST: against });
        other.name += " (against)";
      }
      const contenders = started.map(({ contender }) => contender);
      await interleave(contenders, SCENARIOS, load, effort);
    } finally {
      for (const { contender } of started) contender.stop();
      load.stop();
    }
    const scenarios = SCENARIOS.map(({ name, title }) => ({
      name,
      title,
      rows: withCosts(started.map(({ host, contender }) => rowOf(name, host, contender))),
    }));
    return { ...effort, users: USERS, scenarios };
  },

  /** @returns {import("../report/tables.mjs").Table[]} */
  tables({ scenarios }) {
    return scenarios.flatMap(({ title, rows }) => [
      {
        title,
        names: 2,
        head: [
          "host",
          "",
          "req/s",
          "spread",
          "cost µs",
          "CPU µs",
          "CPU cost µs",
          "busy",
          "cookie bytes",
        ],
        rows: rows.map((/** @type {Row} */ row) => [
          row.host,
          row.name,
          whole(row.rps),
          percent(row.spread),
          decimal(row.cost),
          decimal(row.cpu),
          decimal(row.cpuCost),
          percent(row.busy),
          String(row.cookieBytes || ""),
        ]),
      },
      {
        title: `${title}: a peer's session cost, as a multiple of ours`,
        names: 3,
        head: ["host", "ours", "peer", "by clock", "by CPU"],
        rows: pairs(/** @type {Row[]} */ (rows)).map(({ ours, peer }) => [
          ours.host,
          ours.name,
          peer.name,
          times(peer.cost / ours.cost),
          times(peer.cpuCost / ours.cpuCost),
        ]),
      },
    ]);
  },
};

/**
 * The files of the cases to measure: those whose name holds the text, and what is without sessions on their hosts.
 * @param {string} text
 */
export function caseFiles(text) {
  const files = readdirSync(new URL("../cases/hosts", import.meta.url)).sort();
  const hosts = files.filter((file) => file.includes(text)).map(hostOf);
  return files.filter(
    (file) =>
      file.includes(text) || (hosts.includes(hostOf(file)) && /-(?:bare|empty)\.mjs$/.test(file)),
  );
}

/** @param {string} file */
export function hostOf(file) {
  return file.split("-")[0] ?? "";
}

/**
 * @param {string} scenario
 * @param {string} host
 * @param {Contender} contender
 * @returns {Row}
 */
export function rowOf(scenario, host, { name, role, keeps, cookies, samples }) {
  const taken = samples[scenario] ?? [];
  const rates = taken.map(({ requests: answered, seconds }) => answered / seconds);
  return {
    host,
    name,
    role,
    keeps,
    cookieBytes: keeps ? (cookies[0]?.length ?? 0) : 0,
    rps: median(rates),
    spread: spread(rates),
    cost: 0,
    cpu: median(taken.map(({ cpu, requests: answered }) => cpu / answered)),
    cpuCost: 0,
    busy: median(taken.map(({ cpu, seconds }) => cpu / 1e6 / seconds)),
  };
}

/**
 * @param {readonly Row[]} rows
 * @returns {Row[]}
 */
export function withCosts(rows) {
  return inOrder(rows).map((row) => {
    const bare = baseOf(rows, row.host, "bare") ?? row;
    return { ...row, cost: 1e6 / row.rps - 1e6 / bare.rps, cpuCost: row.cpu - bare.cpu };
  });
}
