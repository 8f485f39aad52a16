// node bench/put-values.mjs, after npm run build: how much longer put takes than JSON.parse of the same value.
import { median } from "./shared/statistics.mjs";
import { load } from "./shared/sojourn.mjs";

const { copyIn } = await load("core/data/values");
const ROUNDS = 9;
const SIZE = 900_000;

/** What a body parser lets through. The deepest value that put takes has 200 levels. */
const TEXTS = {
  "a profile": JSON.stringify({ id: 1, name: "ann", tags: ["a", "b"], cart: [{ sku: "x", n: 2 }] }),
  "records, 900 kB": list(1, '{"id":1,"name":"ann","tags":["a","b"],"at":{"city":"c"}}'),
  "numbers, 900 kB": list(1, "0"),
  "numbers 195 levels deep, 900 kB": list(195, "0"),
  "objects 195 levels deep, 900 kB": list(195, '{"a":1}'),
};

/**
 * @param {number} depth
 * @param {string} item
 */
function list(depth, item) {
  const items = Array(Math.floor(SIZE / (item.length + 1))).fill(item);
  return "[".repeat(depth) + items.join(",") + "]".repeat(depth);
}

/** @param {() => unknown} run */
function milliseconds(run) {
  const rounds = Array.from({ length: ROUNDS + 2 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return median(rounds.slice(2));
}

for (const [name, text] of Object.entries(TEXTS)) {
  const value = JSON.parse(text);
  const times = text.length < 1000 ? 5000 : 1;
  const repeat = (/** @type {() => unknown} */ run) => () => {
    for (let time = 0; time < times; time++) run();
  };
  const parse = milliseconds(repeat(() => JSON.parse(text)));
  const put = milliseconds(repeat(() => copyIn(value, ["key"])));
  console.log(`${name}: ${(put / parse).toFixed(1)} times as long as JSON.parse`);
}
