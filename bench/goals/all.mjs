// What Sojourn wants to reach, and whether it has. The cost of a session is judged by CPU time alone: instructions leave
// out the garbage collector, the caches and V8's own threads.
import { costGoals, nothingGoals } from "./costs.mjs";
import { databaseGoals } from "./databases.mjs";
import { bytesGoals, openGoals } from "./operations.mjs";
import { scaleGoals } from "./scale.mjs";

/**
 * @typedef {object} Goal
 * @property {string} goal
 * @property {string} target
 * @property {string} [measured] nothing where it was not
 * @property {boolean | undefined} [met] nothing where it was not measured, or only noise was
 *
 * @typedef {Record<string, any>} Parts what each part of the benchmark has found, by its name
 */

const GOALS = [costGoals, nothingGoals, openGoals, bytesGoals, databaseGoals, scaleGoals];

/**
 * @param {Parts} parts
 * @returns {import("../report/tables.mjs").Table}
 */
export function goalsTable(parts) {
  const whole = Object.values(parts).every((part) => part.whole);
  return {
    title: whole ? "Goals" : "Goals (in part not by a whole run)",
    names: 4,
    head: ["goal", "", "measured", ""],
    rows: GOALS.flatMap((find) => find(parts)).map((goal) => [
      goal.goal,
      goal.target,
      goal.measured ?? "",
      verdict(goal),
    ]),
  };
}

/** @param {Goal} goal */
function verdict({ measured, met }) {
  if (measured === undefined) return "not measured";
  if (met === undefined) return "noise";
  return met ? "met" : "missed";
}
