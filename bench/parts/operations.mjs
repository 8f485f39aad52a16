// What single operations cost, ours, the peers' own functions, and the platform's means as the limit.
import process from "node:process";
import { COUNTED, idOf, operations as all } from "../operations/all.mjs";
import { cookieBytes } from "../operations/bytes.mjs";
import { duration, percent, whole } from "../report/format.mjs";
import { NO_COLLECTION } from "../shared/allocation.mjs";
import { count, hasCallgrind, inParallel } from "../shared/callgrind.mjs";
import { median, spread } from "../shared/statistics.mjs";
import { SERVER_CORE, Worker } from "../shared/worker.mjs";

/**
 * @typedef {object} Row
 * @property {string} group
 * @property {string} name
 * @property {string} role
 * @property {number} nanoseconds median
 * @property {number} spread
 * @property {number | undefined} instructions for the limits and ours
 */

export const operations = {
  name: "operations",

  /** @param {import("../run.mjs").Options} options */
  async run({ quick }) {
    const effort = quick ? { rounds: 3, milliseconds: 5 } : { rounds: 15, milliseconds: 25 };
    const times = await measure(effort);
    const counts = hasCallgrind && !quick ? await countOperations(limitsAndOurs(all)) : {};
    const rows = all.map((operation) => {
      const { group, name, role } = operation;
      const samples = times.get(operation) ?? [];
      return {
        group,
        name,
        role,
        nanoseconds: median(samples),
        spread: spread(samples),
        instructions: counts[idOf(operation)],
      };
    });
    return { ...effort, rows, bytes: await cookieBytes() };
  },

  /** @returns {import("../report/tables.mjs").Table[]} */
  tables({ rows, bytes }) {
    return [
      {
        title: "One operation",
        names: 2,
        head: ["", "", "time", "spread", "instructions"],
        rows: rows.map((/** @type {Row} */ row) => [
          row.group,
          row.role === "limit" ? `limit: ${row.name}` : row.name,
          duration(row.nanoseconds),
          percent(row.spread),
          row.instructions === undefined ? "" : whole(row.instructions),
        ]),
      },
      {
        title: "Bytes of the Cookie header for the same data",
        head: ["", "one key", "a cart"],
        rows: bytes.map((/** @type {import("../operations/bytes.mjs").Bytes} */ each) => [
          each.name,
          whole(each.little),
          whole(each.data),
        ]),
      },
    ];
  },
};

/**
 * All operations once, then all again: what disturbs the machine disturbs them all.
 * @param {{ rounds: number, milliseconds: number }} effort
 * @returns {Promise<Map<import("../operations/all.mjs").Operation, number[]>>}
 */
async function measure({ rounds, milliseconds }) {
  const workers = all.map((operation) => ({
    operation,
    worker: new Worker(SERVER_CORE, ["parts/operations-child.mjs", idOf(operation)]),
  }));
  const times = new Map(all.map((operation) => [operation, /** @type {number[]} */ ([])]));
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const { operation, worker } of workers) {
        const { nanoseconds } = await worker.ask({ milliseconds });
        if (round > 0) times.get(operation)?.push(nanoseconds);
      }
    }
  } finally {
    for (const { worker } of workers) worker.stop();
  }
  return times;
}

/** @typedef {import("../operations/all.mjs").Operation} Operation */

/** @param {readonly Operation[]} each */
export const limitsAndOurs = (each) => each.filter(({ role }) => role !== "peer");

/**
 * Instructions of our operations and of the limits, by id.
 * @param {readonly Operation[]} counted
 * @returns {Promise<Record<string, number>>}
 */
export async function countOperations(counted) {
  process.stderr.write("  instructions ");
  const entries = await inParallel(counted, async (operation) => {
    const id = idOf(operation);
    const [total = Number.NaN] = await count("parts/operations-child.mjs", [id, "count"]);
    return [id, Math.round(total / (operation.times ?? COUNTED))];
  });
  return Object.fromEntries(entries);
}

/**
 * Bytes that they allocate, by id.
 * @param {readonly Operation[]} counted
 * @returns {Promise<Record<string, number>>}
 */
export async function countBytes(counted) {
  process.stderr.write("  bytes ");
  const entries = await inParallel(counted, async (operation) => {
    const id = idOf(operation);
    const args = ["parts/operations-child.mjs", id, "allocate"];
    const worker = new Worker(SERVER_CORE, args, { node: NO_COLLECTION });
    const { bytes } = await worker.hear();
    worker.stop();
    return [id, Math.round(bytes)];
  });
  return Object.fromEntries(entries);
}
