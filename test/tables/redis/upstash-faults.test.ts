import { describe } from "vitest";
import { upstashTable } from "../../../src/tables/redis.ts";
import { testFaults } from "../../support/servers/faults.ts";
import { DURABLE, redisProgram, startRedis } from "../../support/servers/redis.ts";
import { openUpstash, startUpstash } from "../../support/servers/upstash.ts";

describe.skipIf(redisProgram === undefined)("Upstash before a Redis with faults", () => {
  testFaults({
    name: "Upstash",
    givesUp: true,
    async start() {
      const { url, server, restart, stop } = await startRedis(DURABLE);
      const upstash = await startUpstash(url);
      return {
        port: upstash.port,
        server,
        restart,
        async stop() {
          await upstash.close();
          await stop();
        },
      };
    },
    async open(port, patience) {
      const client = openUpstash(`http://127.0.0.1:${port}`, {
        signal: () => AbortSignal.timeout(patience),
        retry: { retries: 1, backoff: () => 50 },
      });
      return { table: upstashTable(client), close: () => {} };
    },
  });
});
