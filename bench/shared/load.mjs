// The load generator, in a process of its own. Each message is a job; the answer is what came of it.
import process from "node:process";
import autocannon from "autocannon";

/**
 * @typedef {object} Job
 * @property {string} url
 * @property {number} seconds
 * @property {readonly string[]} cookies one Cookie header per connection; each is a user of its own
 * @property {string} expected a pattern that every answer matches
 */

process.on("message", async (/** @type {Job} */ { url, seconds, cookies, expected }) => {
  const pattern = new RegExp(expected);
  let next = 0;
  const result = await autocannon({
    url,
    connections: cookies.length,
    duration: seconds,
    sampleInt: 50, // how late the end may be noticed, in milliseconds
    setupClient(client) {
      const cookie = cookies[next++ % cookies.length];
      if (cookie) client.setHeaders({ cookie });
    },
    verifyBody: (/** @type {unknown} */ body) => pattern.test(String(body)),
  });
  process.send?.({
    requests: result["2xx"],
    seconds: (result.finish.getTime() - result.start.getTime()) / 1000,
    wrong: result.mismatches + result.non2xx + result.errors + result.timeouts,
  });
});
process.on("disconnect", () => process.exit());
