// Goals for Redis and PostgreSQL.
import { pairs } from "../parts/comparison.mjs";
import { decimal, times } from "../report/format.mjs";

/**
 * @typedef {import("./all.mjs").Goal} Goal
 * @typedef {import("./all.mjs").Parts} Parts
 * @typedef {import("../parts/databases.mjs").Row} Row
 */

/** Requests that a second of CPU time of server and database together answers, as a multiple of the peer's. */
const LEAST = { read: 3, write: 2 };
const TRIPS = "1, 0, 1";

/**
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function databaseGoals({ databases }) {
  return ["redis", "postgres"].flatMap((host) => [
    .../** @type {const} */ (["read", "write"]).map((name) =>
      rateGoal(databases?.rows[name] ?? [], host, name),
    ),
    tripsGoal(databases?.rows.read ?? [], host),
  ]);
}

/**
 * @param {readonly Row[]} rows
 * @param {string} host
 * @param {"read" | "write"} scenario
 * @returns {Goal}
 */
function rateGoal(rows, host, scenario) {
  const pair = pairs(rows).find(({ ours }) => ours.host === host);
  const about = {
    goal: `${host}: ${scenario}s per second of CPU, server and database, against ${pair?.peer.name ?? "its connect-* peer"}`,
    target: `≥ ${LEAST[scenario]}x`,
  };
  if (!pair) return about;
  const share = pair.peer.together / pair.ours.together;
  const measured = `${times(share)}: ${decimal(pair.ours.together)} and ${decimal(pair.peer.together)} µs`;
  return { ...about, measured, met: share >= LEAST[scenario] };
}

/**
 * @param {readonly Row[]} rows
 * @param {string} host
 * @returns {Goal}
 */
function tripsGoal(rows, host) {
  const goal = `${host}: round trips to read, to commit what is unchanged, to commit a write`;
  const ours = rows.find((row) => row.host === host && row.role === "sojourn");
  if (!ours?.trips) return { goal, target: TRIPS };
  const { read = 0, same = 0, write = 0 } = ours.trips;
  const counts = [read, same - read, write - read];
  const measured = counts.map((each) => decimal(each, Number.isInteger(each) ? 0 : 2)).join(", ");
  return { goal, target: TRIPS, measured, met: measured === TRIPS };
}
