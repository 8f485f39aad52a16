// autocannon in a process of its own. Each message is a job; the answer is what came of it.
import process from "node:process";
import autocannon from "autocannon";

process.on(
  "message",
  async (/** @type {import("./load.mjs").Job} */ { url, seconds, connections, cookies }) => {
    let next = 0;
    const result = await autocannon({
      url,
      connections,
      duration: seconds,
      sampleInt: 50, // how late the end may be noticed, in milliseconds
      setupClient(client) {
        const cookie = cookies[next++ % cookies.length];
        if (cookie) client.setHeaders({ cookie });
      },
    });
    process.send?.({
      requests: result["2xx"],
      seconds: (result.finish.getTime() - result.start.getTime()) / 1000,
      wrong: result.non2xx + result.errors + result.timeouts,
    });
  },
);
process.on("disconnect", () => process.exit());
