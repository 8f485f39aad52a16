// From samples to figures.

/**
 * One shot of load at one server.
 * @typedef {object} Sample
 * @property {number} requests answered
 * @property {number} seconds
 * @property {number} cpu microseconds that the server's process has worked
 */

/**
 * @typedef {object} Row
 * @property {string} host
 * @property {string} name
 * @property {string} role
 * @property {string | undefined} keeps
 * @property {number} cookieBytes of the whole Cookie header
 * @property {number} rps median requests per second
 * @property {number} spread (largest - smallest) / median of the requests per second
 * @property {number} toBare requests per second as a share of the bare host's
 * @property {number} cost microseconds that sessions add to a request: 1 / rps - 1 / rps of the bare host
 * @property {number} cpu median microseconds of the server's CPU time for a request
 * @property {number} cpuCost what of them sessions add
 * @property {number} busy share of the time in which the server worked: below 1 it waited for the load, or its core
 */

/**
 * @typedef {object} Ratio
 * @property {string} host
 * @property {string} ours
 * @property {string} peer
 * @property {number} rps requests per second, ours by theirs
 * @property {number} cost session cost, theirs by ours, by the clock
 * @property {number} cpuCost the same, by CPU time
 */

const ROLES = ["bare", "empty", "sojourn", "peer"];

/**
 * @param {string} scenario
 * @param {readonly import("./run.mjs").Contender[]} contenders
 * @returns {{ rows: Row[], ratios: Ratio[] }}
 */
export function summarize(scenario, contenders) {
  const rows = contenders
    .map((contender) => summarizeOne(scenario, contender))
    .sort((a, b) => a.host.localeCompare(b.host) || ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
  for (const row of rows) {
    const bare = rows.find(({ host, role }) => host === row.host && role === "bare") ?? row;
    row.toBare = row.rps / bare.rps;
    row.cost = 1e6 / row.rps - 1e6 / bare.rps;
    row.cpuCost = row.cpu - bare.cpu;
  }
  return { rows, ratios: compare(rows) };
}

/**
 * @param {string} scenario
 * @param {import("./run.mjs").Contender} contender
 * @returns {Row}
 */
function summarizeOne(scenario, { host, name, role, keeps, cookies, samples }) {
  const taken = samples[scenario] ?? [];
  const rates = taken.map(({ requests, seconds }) => requests / seconds);
  const rps = median(rates);
  return {
    host,
    name,
    role,
    keeps,
    cookieBytes: cookies[0]?.length ?? 0,
    rps,
    spread: (Math.max(...rates) - Math.min(...rates)) / rps,
    toBare: 1,
    cost: 0,
    cpu: median(taken.map(({ cpu, requests }) => cpu / requests)),
    cpuCost: 0,
    busy: median(taken.map(({ cpu, seconds }) => cpu / 1e6 / seconds)),
  };
}

/**
 * Sojourn against each peer of the same host that keeps the data in the same place.
 * @param {readonly Row[]} rows
 * @returns {Ratio[]}
 */
function compare(rows) {
  return rows
    .filter(({ role }) => role === "sojourn")
    .flatMap((ours) =>
      rows
        .filter(
          ({ role, host, keeps }) => role === "peer" && host === ours.host && keeps === ours.keeps,
        )
        .map((peer) => ({
          host: ours.host,
          ours: ours.name,
          peer: peer.name,
          rps: ours.rps / peer.rps,
          cost: peer.cost / ours.cost,
          cpuCost: peer.cpuCost / ours.cpuCost,
        })),
    );
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}
