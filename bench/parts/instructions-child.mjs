// Under callgrind: one case answers requests over a connection in memory, all scenarios in turn.
import assert from "node:assert/strict";
import process from "node:process";
import { NO_SESSION } from "../shared/answers.mjs";
import { counted } from "../shared/callgrind.mjs";
import { MemoryConnection, readAnswer, requestOf } from "../shared/memory-connection.mjs";
import { SCENARIOS } from "../shared/scenarios.mjs";

/** Seconds after which the slowest libraries, which stay in native code, are warm enough. */
const LONGEST_WARM_UP = 6;

const [file = "", warmUp, times] = process.argv.slice(2);
/** @type {{ bench: import("../shared/answers.mjs").Case }} */
const { bench } = await import(new URL(`../cases/hosts/${file}`, import.meta.url).href);
const connection = new MemoryConnection(await bench.create());
const login = readAnswer(await connection.ask(requestOf("/login", "", "POST")));
assert.equal(login.body, "ok");

// All of it twice: at first V8 settles on code that it gives up again when the next scenario comes.
for (const { path, signedIn, expected } of [...SCENARIOS, ...SCENARIOS]) {
  const request = requestOf(path, signedIn ? login.cookie || NO_SESSION : "");
  const answer = readAnswer(await connection.ask(request));
  assert.equal(answer.status, 200);
  assert.match(answer.body, new RegExp(expected));
  const end = performance.now() + LONGEST_WARM_UP * 1000;
  for (let i = 0; i < Number(warmUp) && performance.now() < end; i++) await connection.ask(request);
  await counted((count) => repeat(count, request), Number(times));
}
process.exit();

/**
 * @param {number} count
 * @param {Buffer} request
 */
async function repeat(count, request) {
  for (let i = 0; i < count; i++) await connection.ask(request);
}
