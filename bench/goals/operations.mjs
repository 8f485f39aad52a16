// Goals for opening a cookie, and for how long it is.
import { duration, fine, times } from "../report/format.mjs";

/**
 * @typedef {import("./all.mjs").Goal} Goal
 * @typedef {import("./all.mjs").Parts} Parts
 */

const OPENING = [
  {
    goal: "open of a cookie not seen before, against AES-256-GCM alone",
    ours: "sojourn, cookie not seen before",
    limit: "AES-256-GCM of node:crypto",
    most: 1.5,
  },
  {
    goal: "open of a cookie seen before, against JSON.parse of the data",
    ours: "sojourn, cookie seen before",
    limit: "JSON.parse of the data",
    most: 2,
  },
];
const MOST_BYTES = 0.6;

/**
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function openGoals({ operations }) {
  /** @type {import("../parts/operations.mjs").Row[]} */
  const rows = operations?.rows ?? [];
  return OPENING.map(({ goal, ours: name, limit: least, most }) => {
    const target = `≤ ${most}x`;
    const [ours, limit] = [name, least].map((each) =>
      rows.find((row) => row.group === "open" && row.name === each),
    );
    if (!ours || !limit) return { goal, target };
    const byClock = ours.nanoseconds / limit.nanoseconds;
    const clock = `${times(byClock)} by clock (${duration(ours.nanoseconds)})`;
    if (!ours.instructions || !limit.instructions) {
      return { goal, target, measured: clock, met: byClock <= most };
    }
    const counted = ours.instructions / limit.instructions;
    const measured = `${times(counted)} by instructions, ${clock}`;
    return { goal, target, measured, met: counted <= most };
  });
}

/**
 * @param {Parts} parts
 * @returns {Goal[]}
 */
export function bytesGoals({ operations }) {
  const about = { goal: "cookie bytes against iron-session", target: `≤ ${MOST_BYTES * 100} %` };
  /** @type {import("../operations/bytes.mjs").Bytes[]} */
  const bytes = operations?.bytes ?? [];
  const [ours, theirs] = ["sojourn, sealed cookie", "iron-session"].map((name) =>
    bytes.find((each) => each.name === name),
  );
  if (!ours || !theirs) return [about];
  const [little, data] = [ours.little / theirs.little, ours.data / theirs.data];
  const measured = `${fine(little)} for one key, ${fine(data)} for a cart`;
  return [{ ...about, measured, met: Math.max(little, data) <= MOST_BYTES }];
}
