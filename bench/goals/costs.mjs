// Goals for the cost of a session, by CPU time: against each host's peers, and against nothing.
import { baseOf } from "../parts/comparison.mjs";
import { decimal, fine } from "../report/format.mjs";

/**
 * @typedef {import("./all.mjs").Goal} Goal
 * @typedef {import("./all.mjs").Parts} Parts
 * @typedef {import("../parts/requests.mjs").Row} Row
 */

/** Session cost of a request that reads, and of one that writes, as shares of a peer's; the peer by the beginning of its name. */
const COSTS = [
  { host: "express", keeps: "table", peer: "express-session", read: 1 / 4, write: 1 / 4 },
  { host: "express", keeps: "cookie", peer: "cookie-session", read: 1 / 4, write: 1 / 3 },
  { host: "fastify", keeps: "table", peer: "@fastify/session", read: 1 / 12, write: 1 / 6 },
  { host: "fastify", keeps: "cookie", peer: "@fastify/secure-session", read: 1 / 3, write: 1 },
  { host: "hono", keeps: "table", peer: "hono-sessions, memory", read: 1 / 6, write: 1 / 4 },
  { host: "hono", keeps: "cookie", peer: "hono-sessions, cookie", read: 1 / 60, write: 1 / 20 },
  { host: "koa", keeps: "table", peer: "koa-session, Map", read: 1 / 10, write: 1 / 6 },
  { host: "koa", keeps: "cookie", peer: "koa-session (signed", read: 1 / 10, write: 1 / 6 },
  { host: "h3", keeps: "cookie", peer: "useSession", read: 1 / 500, write: 1 / 200 },
];

/** A session that no handler looks at: of a bare request without our cookie, and of a read with it. */
const MOST_OF_BARE = 0.03;
const MOST_OF_READ = 1 / 3;
/** A visitor without a cookie, whose handler asks for the user: of a read with one. */
const MOST_OF_VISIT = 1 / 2;

/**
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function costGoals({ requests }) {
  return COSTS.flatMap(({ host, keeps, peer, ...most }) =>
    ["read", "write"].map((scenario) => {
      const share = most[/** @type {"read" | "write"} */ (scenario)];
      const about = {
        goal: `${host}: ${scenario}, ${keeps === "table" ? "table" : "sealed cookie"} against ${peer}`,
        target: `≤ 1/${Math.round(1 / share)}`,
      };
      const rows = rowsOf(requests, scenario);
      const ours = oursOf(rows, host, keeps);
      const other = rows.find((row) => row.host === host && row.name.startsWith(peer));
      if (!ours || !other) return about;
      if (!(ours.cost > 0 && other.cost > 0))
        return { ...about, measured: "noise", met: undefined };
      const measured = `${asFraction(ours.cost / other.cost)}: ${decimal(ours.cost)} of ${decimal(other.cost)} µs`;
      return { ...about, measured, met: ours.cost / other.cost <= share };
    }),
  );
}

/**
 * The worst of the hosts and stores.
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function nothingGoals({ requests }) {
  const empty = (/** @type {Row[]} */ rows, /** @type {Row} */ row) =>
    row.cpu - (baseOf(rows, row.host, "empty")?.cpu ?? Number.NaN);
  const bare = (/** @type {Row[]} */ rows, /** @type {Row} */ row) =>
    baseOf(rows, row.host, "bare")?.cpu ?? Number.NaN;
  const read = (/** @type {Row[]} */ _rows, /** @type {Row} */ row) =>
    rowsOf(requests, "read").find(({ host, name }) => host === row.host && name === row.name)
      ?.cost ?? Number.NaN;
  return [
    {
      scenario: "unknown",
      goal: "no cookie of ours, session not touched: above an empty middleware, of a bare request",
      most: MOST_OF_BARE,
      of: bare,
    },
    {
      scenario: "untouched",
      goal: "session not touched: above an empty middleware, of a read",
      most: MOST_OF_READ,
      of: read,
    },
    {
      scenario: "visitor",
      goal: "no cookie, the user asked for: above an empty middleware, of a read",
      most: MOST_OF_VISIT,
      of: read,
    },
  ].map(({ scenario, goal, most, of }) => {
    const target = `≤ ${fine(most)}`;
    const rows = rowsOf(requests, scenario);
    const shares = rows
      .filter(({ role }) => role === "sojourn")
      .map((row) => ({ row, share: empty(rows, row) / of(rows, row) }))
      .filter(({ share }) => Number.isFinite(share))
      .sort((a, b) => b.share - a.share);
    const [worst] = shares;
    if (!worst) return { goal, target };
    const measured = `${fine(worst.share)} at most, ${worst.row.host} with ${worst.row.name}`;
    return { goal, target, measured, met: worst.share <= most };
  });
}

/**
 * @param {any} requests
 * @param {string} scenario
 * @returns {Row[]}
 */
function rowsOf(requests, scenario) {
  const found = requests?.scenarios.find((/** @type {any} */ each) => each.name === scenario);
  return found?.rows ?? [];
}

/**
 * @param {readonly Row[]} rows
 * @param {string} host
 * @param {string} keeps
 */
function oursOf(rows, host, keeps) {
  return rows.find((row) => row.host === host && row.role === "sojourn" && row.keeps === keeps);
}

/**
 * A share of something as a fraction of it: 1/12.
 * @param {number} share
 */
function asFraction(share) {
  return share > 0.9 ? `${decimal(share, 2)}x` : `1/${decimal(1 / share)}`;
}
