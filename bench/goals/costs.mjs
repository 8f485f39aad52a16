// Goals for the cost of a session, against each host's peers and against nothing.
import { baseOf, pairs } from "../parts/comparison.mjs";
import { aboveEmpty, costIn } from "../parts/instructions.mjs";
import { decimal, fine } from "../report/format.mjs";

/**
 * @typedef {import("./all.mjs").Goal} Goal
 * @typedef {import("./all.mjs").Parts} Parts
 * @typedef {{ by: string, share: number, isNoise: boolean }} Share ours as a share of a peer's
 */

/** Session cost of a request that reads one key, as a share of a peer's; the peer by the beginning of its name. */
const COSTS = [
  { host: "express", peer: "express-session", most: 1 / 4 },
  { host: "express", peer: "cookie-session", most: 1 / 4 },
  { host: "fastify", peer: "@fastify/session", most: 1 / 10 },
  { host: "fastify", peer: "@fastify/secure-session", most: 1 / 2 },
  { host: "hono", peer: "hono-sessions, memory", most: 1 / 6 },
  { host: "hono", peer: "hono-sessions, cookie", most: 1 / 50 },
  { host: "koa", peer: "koa-session (signed only)", most: 1 / 4 },
  { host: "h3", peer: "useSession", most: 1 / 50 },
];

const NOTHING = [
  { scenario: "visitor", goal: "a request without a cookie, above an empty middleware" },
  { scenario: "untouched", goal: "one that never touches its session, likewise" },
];
const MOST_FOR_NOTHING = 0.03;

/**
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function costGoals(parts) {
  return COSTS.map(({ host, peer, most }) => {
    const goal = `${host}: session cost against ${peer}`;
    const target = `≤ 1/${Math.round(1 / most)}`;
    const shares = sharesOf(parts, host, peer);
    const [first] = shares;
    if (!first) return { goal, target };
    const measured = shares.map(
      ({ by, share, isNoise }) => `${isNoise ? "noise" : asFraction(share)} by ${by}`,
    );
    const met = first.isNoise ? undefined : first.share <= most;
    return { goal, target, measured: measured.join(", "), met };
  });
}

/**
 * By each measure there is; the one that decides comes first.
 * @param {Parts} parts
 * @param {string} host
 * @param {string} name
 * @returns {Share[]}
 */
function sharesOf({ instructions, requests }, host, name) {
  const find = (/** @type {any[]} */ rows) =>
    pairs(rows).find(({ peer }) => peer.host === host && peer.name.startsWith(name));
  const share = (/** @type {string} */ by, /** @type {number} */ a, /** @type {number} */ b) => ({
    by,
    share: a / b,
    isNoise: !(a > 0 && b > 0),
  });
  const counted = find(instructions?.rows ?? []);
  const timed = find(rowsOf(requests, "read"));
  const cost = (/** @type {any} */ row) => costIn(instructions.rows, row, "read");
  return [
    ...(counted ? [share("instructions", cost(counted.ours), cost(counted.peer))] : []),
    ...(timed ? [share("CPU", timed.ours.cpuCost, timed.peer.cpuCost)] : []),
    ...(timed ? [share("clock", timed.ours.cost, timed.peer.cost)] : []),
  ];
}

/**
 * Each host's worse store, and of these the worst.
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function nothingGoals({ instructions, requests }) {
  return NOTHING.map(({ scenario, goal }) => {
    const target = `≤ ${MOST_FOR_NOTHING * 100} %`;
    const rows = instructions?.rows ?? rowsOf(requests, scenario);
    const share = (/** @type {any} */ row) =>
      instructions
        ? aboveEmpty(rows, row, scenario)
        : row.cpu / (baseOf(rows, row.host, "empty")?.cpu ?? Number.NaN) - 1;
    /** @type {Map<string, number>} */
    const worst = new Map();
    for (const row of rows.filter((/** @type {any} */ { role }) => role === "sojourn")) {
      worst.set(row.host, Math.max(share(row), worst.get(row.host) ?? -Infinity));
    }
    if (worst.size === 0) return { goal, target };
    const each = [...worst].map(([host, most]) => `${host} ${fine(most)}`).join(", ");
    const measured = `${each} by ${instructions ? "instructions" : "CPU"}`;
    return { goal, target, measured, met: Math.max(...worst.values()) <= MOST_FOR_NOTHING };
  });
}

/**
 * @param {any} requests
 * @param {string} scenario
 * @returns {any[]}
 */
function rowsOf(requests, scenario) {
  const found = requests?.scenarios.find((/** @type {any} */ each) => each.name === scenario);
  return found?.rows ?? [];
}

/**
 * A share of something as a fraction of it: 1/12.
 * @param {number} share
 */
function asFraction(share) {
  return share > 0.9 ? `${decimal(share, 2)}x` : `1/${decimal(1 / share)}`;
}
