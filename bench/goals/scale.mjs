// Goals for many sessions, by the largest tables that were measured.
import { decimal, times, whole } from "../report/format.mjs";

/**
 * @typedef {import("./all.mjs").Goal} Goal
 * @typedef {import("./all.mjs").Parts} Parts
 * @typedef {import("../parts/scale.mjs").Row} Row
 */

const MOST_WEIGHT = 1.2;
const LONGEST_PAUSE = 5;
/** What "flat" means: memory that is far from the processor's caches is slower for everybody. */
const MOST_GROWTH = 1.25;

/**
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function scaleGoals({ scale }) {
  /** @type {Row[]} */
  const rows = scale?.rows ?? [];
  const of = (/** @type {string} */ kind) => rows.filter((row) => row.kind === kind);
  const [map, lmdb] = [of("map").at(-1), of("lmdb").at(-1)];
  const [small, large] = [of("memory").at(0), of("memory").at(-1)];
  const sessions = `${whole(large?.sessions ?? 1e6)} sessions`;

  const weight = { goal: `${sessions} in memory against a plain Map`, target: `≤ ${MOST_WEIGHT}x` };
  const cost = {
    goal: `${sessions} in memory: a read against one of few`,
    target: `flat: ≤ ${MOST_GROWTH}x`,
  };
  const pause = (/** @type {string} */ where, /** @type {Row | undefined} */ row) => ({
    goal: `${sessions} in ${where}: longest pause`,
    target: `≤ ${LONGEST_PAUSE} ms`,
    ...(row && pauseOf(row)),
  });
  const pauses = [pause("memory", large), pause("LMDB", lmdb)];
  if (!map || !small || !large) return [weight, cost, ...pauses];

  const heavier = large.bytes / map.bytes;
  const slower = large.nanoseconds / small.nanoseconds;
  return [
    {
      ...weight,
      measured: `${times(heavier)} (${whole(large.bytes)} bytes each)`,
      met: heavier <= MOST_WEIGHT,
    },
    { ...cost, measured: times(slower), met: slower <= MOST_GROWTH },
    ...pauses,
  ];
}

/** @param {Row} row */
function pauseOf({ pauses: { insert, sweep = 0 } }) {
  return {
    measured: `${decimal(insert)} ms inserting, ${decimal(sweep)} ms sweeping`,
    met: Math.max(insert, sweep) <= LONGEST_PAUSE,
  };
}
