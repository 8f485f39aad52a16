import { describe } from "vitest";
import { redisTable } from "../../../src/tables/redis.ts";
import { testFaults } from "../../support/servers/faults.ts";
import { REDIS_CLIENTS } from "../../support/servers/redis-clients.ts";
import { DURABLE, redisProgram, startRedis } from "../../support/servers/redis.ts";

describe.skipIf(redisProgram === undefined).each(REDIS_CLIENTS)(
  "Redis by %s with faults",
  (name, openClient) => {
    testFaults({
      name,
      givesUp: true,
      start: () => startRedis(DURABLE),
      async open(port, patience) {
        const { client, close } = await openClient(`redis://127.0.0.1:${port}`, patience);
        return { table: redisTable(client), close };
      },
    });
  },
);
