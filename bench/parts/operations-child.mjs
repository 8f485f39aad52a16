// One operation in a process of its own: `node operations-child.mjs <id>` measures a batch whenever it is asked,
// `node operations-child.mjs <id> count` is for callgrind, `node operations-child.mjs <id> allocate` counts bytes.
import assert from "node:assert/strict";
import process from "node:process";
import { COUNTED, guarded, idOf } from "../operations/all.mjs";
import { counted } from "../shared/callgrind.mjs";
import { ALLOCATED, allocatedBy } from "../shared/allocation.mjs";
import { turn } from "../shared/ticker.mjs";

/** Calls before those that are counted, for each of them, so that V8 has compiled what it will compile. */
const WARM_UP = 20;

const [id = "", task] = process.argv.slice(2);
const operation = guarded.find((each) => idOf(each) === id);
assert(operation, `no such operation: ${id}`);
const call = await operation.setup();
const first = call();
assert(await first, `${id} has failed`);
const waits = first instanceof Promise;
let known = 1;

if (task === "count") {
  const { times = COUNTED } = operation;
  // Twice, with a turn of the event loop between: V8 gives code up if a tick changes what it has relied on.
  await repeat(WARM_UP * times);
  await turn();
  await repeat(WARM_UP * times);
  await counted(repeat, times);
  process.exit();
}

if (task === "allocate") {
  await repeat(ALLOCATED);
  await turn();
  process.send?.({ bytes: await allocatedBy(repeat, ALLOCATED) });
}

process.on("message", async ({ milliseconds }) => {
  const times = await timesIn(milliseconds);
  const start = performance.now();
  await repeat(times);
  process.send?.({ nanoseconds: ((performance.now() - start) * 1e6) / times });
});
process.on("disconnect", () => process.exit());

/**
 * How often it runs in such a while; the first answer takes some tries, which warm up.
 * @param {number} milliseconds
 */
async function timesIn(milliseconds) {
  while (known < 1e9) {
    const start = performance.now();
    await repeat(known);
    if (performance.now() - start > milliseconds / 2) break;
    known *= 2;
  }
  return known;
}

/**
 * Every answer is looked at, so that V8 cannot leave the work out.
 * @param {number} times
 */
async function repeat(times) {
  let failed = 0;
  if (waits) for (let i = 0; i < times; i++) failed += (await call()) ? 0 : 1;
  else for (let i = 0; i < times; i++) failed += call() ? 0 : 1;
  assert.equal(failed, 0, `${id} has failed`);
}
