// bench/results.json: the last run of each part.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import process from "node:process";
import { pinned } from "./shared/worker.mjs";

const file = new URL("results.json", import.meta.url);

/**
 * @typedef {object} Results
 * @property {Machine} machine of the last run
 * @property {Record<string, any>} parts what each part has found, by its name; `whole` when it was by no quick or filtered run
 *
 * @typedef {object} Machine
 * @property {string} date
 * @property {string} node
 * @property {string} cpu
 * @property {number} cores
 * @property {number} memory GiB
 * @property {boolean} pinned
 */

/** @returns {Results} */
export function readResults() {
  if (!existsSync(file)) return { machine: thisMachine(), parts: {} };
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * Keeps what a part has found, beside what others have.
 * @param {string} part
 * @param {object} data
 */
export function keepResult(part, data) {
  const { parts } = readResults();
  const results = { machine: thisMachine(), parts: { ...parts, [part]: data } };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** @returns {Machine} */
function thisMachine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory: Math.round(totalmem() / 2 ** 30),
    pinned,
  };
}
