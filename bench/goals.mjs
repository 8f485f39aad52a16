// What Sojourn wants to reach, and whether it has. Where a cost was counted in instructions, that decides: it is the
// same in each run. Else CPU time, or the clock.
import { decimal, duration, fine, times, whole } from "./report/format.mjs";
import { baseOf, pairs } from "./parts/comparison.mjs";
import { aboveEmpty, costIn } from "./parts/instructions.mjs";

/**
 * @typedef {object} Goal
 * @property {string} goal
 * @property {string} target
 * @property {string} measured
 * @property {boolean | undefined} met `undefined` where nothing was measured
 */

const ATMOST = "≤ ";

/** Session cost of a request that reads one key, as a share of a peer's. */
const COSTS = [
  { host: "express", peer: "express-session", limit: 1 / 4 },
  { host: "express", peer: "cookie-session", limit: 1 / 4 },
  { host: "fastify", peer: "@fastify/session", limit: 1 / 10 },
  { host: "fastify", peer: "@fastify/secure-session", limit: 1 / 2 },
  { host: "hono", peer: "hono-sessions, memory", limit: 1 / 6 },
  { host: "hono", peer: "hono-sessions, cookie", limit: 1 / 50 },
  { host: "koa", peer: "koa-session (signed", limit: 1 / 4 },
  { host: "h3", peer: "useSession", limit: 1 / 50 },
];

/**
 * @param {Record<string, any>} parts of the results
 * @returns {Goal[]}
 */
export function goals(parts) {
  return [
    ...COSTS.map((each) => costGoal(parts, each)),
    nothingGoal(parts, "visitor", "a request without a cookie"),
    nothingGoal(parts, "untouched", "a request that never touches the session"),
    ...openGoals(parts),
    bytesGoal(parts),
    ...databaseGoals(parts),
    ...scaleGoals(parts),
  ];
}

/**
 * @param {Record<string, any>} parts
 * @returns {import("./report/tables.mjs").Table}
 */
export function goalsTable(parts) {
  const verdict = { true: "met", false: "missed", undefined: "not measured" };
  return {
    title: "Goals",
    names: 4,
    head: ["goal", "", "measured", ""],
    rows: goals(parts).map(({ goal, target, measured, met }) => [
      goal,
      target,
      measured,
      verdict[`${met}`],
    ]),
  };
}

/**
 * @param {Record<string, any>} parts
 * @param {typeof COSTS[number]} wanted
 * @returns {Goal}
 */
function costGoal({ requests, instructions }, { host, peer: name, limit }) {
  const about = {
    goal: `${host}: session cost against ${name.replace(/ \(signed$/, "")}`,
    target: `${ATMOST}1/${Math.round(1 / limit)}`,
  };
  const find = (/** @type {any[]} */ rows = []) =>
    pairs(rows).find(({ peer }) => peer.host === host && peer.name.startsWith(name));
  const counted = find(instructions?.rows);
  const timed = find(
    requests?.scenarios.find((/** @type {any} */ each) => each.name === "read")?.rows,
  );
  /** @type {[string, number][]} */
  const shares = [];
  if (counted) {
    const cost = (/** @type {any} */ row) => costIn(instructions.rows, row, "read");
    shares.push(["instructions", cost(counted.ours) / cost(counted.peer)]);
  }
  if (timed) {
    shares.push(["CPU", timed.ours.cpuCost / timed.peer.cpuCost]);
    shares.push(["clock", timed.ours.cost / timed.peer.cost]);
  }
  const measured = shares.map(([by, share]) => `${asFraction(share)} by ${by}`).join(", ");
  const [first] = shares;
  return { ...about, measured, met: first && first[1] <= limit };
}

/**
 * The worst of all hosts and stores.
 * @param {Record<string, any>} parts
 * @param {string} scenario
 * @param {string} goal
 * @returns {Goal}
 */
function nothingGoal({ instructions, requests }, scenario, goal) {
  const about = { goal: `${goal}, above an empty middleware`, target: `${ATMOST}3 %` };
  const rows = instructions?.rows ?? [];
  const found = rows
    .filter((/** @type {any} */ { role }) => role === "sojourn")
    .map((/** @type {any} */ row) => ({ row, share: aboveEmpty(rows, row, scenario) }))
    .sort((/** @type {any} */ a, /** @type {any} */ b) => b.share - a.share);
  const [worst] = found;
  if (worst) {
    const each = hostsOf(found).map(({ row, share }) => `${row.host} ${fine(share)}`);
    return { ...about, measured: `${each.join(", ")} by instructions`, met: worst.share <= 0.03 };
  }
  const timed = requests?.scenarios.find((/** @type {any} */ each) => each.name === scenario)?.rows;
  if (!timed) return { ...about, measured: "", met: undefined };
  const shares = timed
    .filter((/** @type {any} */ { role }) => role === "sojourn")
    .map((/** @type {any} */ row) => row.cpu / (baseOf(timed, row.host, "empty")?.cpu ?? 0) - 1);
  const share = Math.max(...shares);
  return { ...about, measured: `${fine(share)} by CPU`, met: share <= 0.03 };
}

/**
 * The first row of each host.
 * @template {{ row: { host: string } }} T
 * @param {readonly T[]} found
 * @returns {T[]}
 */
function hostsOf(found) {
  return found.filter(
    ({ row }, at) => found.findIndex((each) => each.row.host === row.host) === at,
  );
}

/**
 * @param {Record<string, any>} parts
 * @returns {Goal[]}
 */
function openGoals({ operations }) {
  const of = (/** @type {string} */ name) =>
    operations?.rows.find(
      (/** @type {any} */ row) => row.group === "open" && row.name.startsWith(name),
    );
  const goal = (
    /** @type {string} */ title,
    /** @type {string} */ ours,
    /** @type {string} */ limit,
    /** @type {number} */ most,
  ) => {
    const [a, b] = [of(ours), of(limit)];
    const about = { goal: title, target: `${ATMOST}${most}x` };
    if (!a || !b) return { ...about, measured: "", met: undefined };
    const byTime = a.nanoseconds / b.nanoseconds;
    const timed = `${times(byTime)} by clock (${duration(a.nanoseconds)})`;
    if (!a.instructions) return { ...about, measured: timed, met: byTime <= most };
    const counted = a.instructions / b.instructions;
    return {
      ...about,
      measured: `${times(counted)} by instructions, ${timed}`,
      met: counted <= most,
    };
  };
  return [
    goal(
      "open of a cookie not seen before, against AES-256-GCM alone",
      "sojourn, cookie not",
      "AES",
      1.5,
    ),
    goal(
      "open of a cookie seen before, against JSON.parse of the data",
      "sojourn, cookie seen",
      "JSON.parse",
      2,
    ),
  ];
}

/**
 * @param {Record<string, any>} parts
 * @returns {Goal}
 */
function bytesGoal({ operations }) {
  const about = { goal: "cookie bytes against iron-session", target: `${ATMOST}60 %` };
  const of = (/** @type {string} */ name) =>
    operations?.bytes.find((/** @type {any} */ each) => each.name === name);
  const [ours, theirs] = [of("sojourn, sealed cookie"), of("iron-session")];
  if (!ours || !theirs) return { ...about, measured: "", met: undefined };
  const shares = [ours.little / theirs.little, ours.data / theirs.data];
  const measured = `${shares.map(fine).join(" for one key, ")} for a cart`;
  return { ...about, measured, met: Math.max(...shares) <= 0.6 };
}

/**
 * @param {Record<string, any>} parts
 * @returns {Goal[]}
 */
function databaseGoals({ databases }) {
  return ["redis", "postgres"].flatMap((host) => {
    const rates = ["read", "write"].map((scenario) => {
      const about = { goal: `${host}: ${scenario}s per second`, target: "≥ 2x" };
      const pair = pairs(databases?.rows[scenario] ?? []).find(({ ours }) => ours.host === host);
      if (!pair) return { ...about, measured: "", met: undefined };
      const { ours, peer } = pair;
      const share = ours.rps / peer.rps;
      const measured = `${times(share)} (${whole(ours.rps)}; CPU ${times(peer.cpu / ours.cpu)}) against ${peer.name}`;
      return { ...about, measured, met: share >= 2 };
    });
    return [...rates, tripsGoal(databases, host)];
  });
}

/**
 * @param {any} databases
 * @param {string} host
 * @returns {Goal}
 */
function tripsGoal(databases, host) {
  const about = {
    goal: `${host}: round trips to read, for what is unchanged, to write`,
    target: "1, 0, 1",
  };
  const trips = databases?.rows.read.find(
    (/** @type {any} */ row) => row.host === host && row.role === "sojourn",
  )?.trips;
  if (!trips) return { ...about, measured: "", met: undefined };
  const counts = [trips.read, trips.same - trips.read, trips.write - trips.read];
  const measured = counts.map((each) => decimal(each, Number.isInteger(each) ? 0 : 2)).join(", ");
  return { ...about, measured, met: measured === about.target };
}

/**
 * @param {Record<string, any>} parts
 * @returns {Goal[]}
 */
function scaleGoals({ scale }) {
  const of = (/** @type {string} */ kind) =>
    (scale?.rows ?? []).filter((/** @type {any} */ row) => row.kind === kind);
  const [small, large, map] = [of("memory")[0], of("memory").at(-1), of("map").at(-1)];
  const lmdb = of("lmdb").at(-1);
  const sessions = large ? whole(large.sessions) : "10^6";
  const about = [
    { goal: `${sessions} sessions in memory, against a plain Map`, target: `${ATMOST}1.2x` },
    {
      goal: `${sessions} sessions: longest pause, inserting and sweeping`,
      target: `${ATMOST}5 ms`,
    },
    { goal: `${sessions} sessions: cost of a read against 1,000`, target: "flat: ≤ 1.25x" },
    { goal: `${sessions} sessions in LMDB: longest pause`, target: `${ATMOST}5 ms` },
  ];
  if (!large) return about.map((each) => ({ ...each, measured: "", met: undefined }));
  const weight = large.bytes / map.bytes;
  const growth = large.nanoseconds / small.nanoseconds;
  const pause = (/** @type {any} */ { pauses }) => Math.max(pauses.insert, pauses.sweep);
  const results = [
    [`${times(weight)} (${whole(large.bytes)} bytes each)`, weight <= 1.2],
    [
      `${decimal(pause(large))} ms (plain Map: ${decimal(map.pauses.insert)} ms, inserting)`,
      pause(large) <= 5,
    ],
    [times(growth), growth <= 1.25],
    [`${decimal(pause(lmdb))} ms`, pause(lmdb) <= 5],
  ];
  return about.map((each, at) => {
    const [measured, met] = /** @type {[string, boolean]} */ (results[at]);
    return { ...each, measured, met };
  });
}

/**
 * A share as one of what it is a share of: 1/12.
 * @param {number} share
 */
function asFraction(share) {
  if (!(share > 0)) return "less than nothing";
  return share > 0.9 ? `${decimal(share, 2)}x` : `1/${decimal(1 / share)}`;
}
