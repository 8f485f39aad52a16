// A whole request of each host, over a connection in memory: what its own objects and ours cost together.
import assert from "node:assert/strict";
import { MemoryConnection, readAnswer, requestOf } from "../shared/memory-connection.mjs";
import { SCENARIOS } from "../shared/scenarios.mjs";

/** @typedef {import("./all.mjs").Operation} Operation */

export const HOSTS = ["express", "fastify", "hono", "koa", "h3"];

/**
 * @param {string} file below `cases/hosts`
 * @param {string} scenario
 */
async function visits(file, scenario) {
  const { path = "", expected = "" } = SCENARIOS.find(({ name }) => name === scenario) ?? {};
  /** @type {{ bench: import("../shared/answers.mjs").Case }} */
  const { bench } = await import(new URL(`../cases/hosts/${file}.mjs`, import.meta.url).href);
  const connection = new MemoryConnection(await bench.create());
  const { cookie } = readAnswer(await connection.ask(requestOf("/login", "", "POST")));
  const request = requestOf(path, cookie);
  assert.match(readAnswer(await connection.ask(request)).body, new RegExp(expected));
  return async () => (await connection.ask(request)).startsWith("HTTP/1.1 200");
}

/** @type {Operation[]} */
export const operations = HOSTS.flatMap((host) => [
  {
    group: host,
    name: "bare",
    role: /** @type {const} */ ("limit"),
    times: 100,
    setup: () => visits(`${host}-bare`, "read"),
  },
  ...["read", "write"].map((scenario) => ({
    group: host,
    name: `memory table, ${scenario}`,
    role: /** @type {const} */ ("sojourn"),
    times: 100,
    setup: () => visits(`${host}-sojourn-table`, scenario),
  })),
]);
