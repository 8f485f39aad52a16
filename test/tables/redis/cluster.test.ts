/** The Redis table over a Cluster of six nodes and behind Sentinel: contract, store, and the loss of a primary. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisTable } from "../../../src/tables/redis.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { compareWithModel } from "../../contracts/tables/model.ts";
import { tableStoreContract } from "../../contracts/tables/store.ts";
import { testContract } from "../../contracts/tables/whole-table.ts";
import { Crowd } from "../../support/servers/crowd.ts";
import { pause, tell } from "../../support/servers/servers.ts";
import {
  primaryOf,
  redisProgram,
  startCluster,
  startSentinels,
} from "../../support/servers/redis.ts";
import type { OwnRedis, RedisGroup, Sentinels } from "../../support/servers/redis.ts";
import { CLUSTER_CLIENTS, SENTINEL_CLIENTS } from "../../support/servers/redis-clients.ts";
import type { OpenRedisClient } from "../../support/servers/redis-clients.ts";

/** One server shows these; here they would show the same again. */
const NOT_SHOWN = ["second handle", "several processes", "killed", "restart", "sweep", "fails"];

describe.skipIf(redisProgram === undefined)("a Redis Cluster", () => {
  let cluster: RedisGroup;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster?.stop());

  describe.each(CLUSTER_CLIENTS)("by %s", (_name, openClient) => {
    let opened: OpenRedisClient;
    beforeAll(async () => {
      opened = await openClient(cluster);
    });
    afterAll(() => opened?.close());
    const open = () => ({ table: redisTable(opened.client), sendsAgain: true });

    testContract(open, { notShown: NOT_SHOWN });

    describe("the contract of the table store", () => {
      for (const [title, run] of tableStoreContract(open)) it(title, () => run());
    });

    it("the table answers random sequences of calls as a Map would", async () => {
      expect(await compareWithModel(open().table, 20, true)).toBeGreaterThan(200);
    });

    it("the table spreads its rows over the primaries", async () => {
      const keys = Array.from({ length: 50 }, newKey);
      await Promise.all(keys.map(async (key) => open().table.insert(key, row("", 1), NOW)));
      const primaries = await Promise.all(
        keys.map((key) => primaryOf(cluster.nodes, `sojourn:${key}`)),
      );
      expect(new Set(primaries).size).toBe(3);
    });
  });
});

describe.skipIf(redisProgram === undefined)("Redis behind Sentinel", () => {
  let sentinels: Sentinels;
  beforeAll(async () => {
    sentinels = await startSentinels();
  }, 60_000);
  afterAll(() => sentinels?.stop());

  describe.each(SENTINEL_CLIENTS)("by %s", (_name, openClient) => {
    let opened: OpenRedisClient;
    beforeAll(async () => {
      opened = await openClient(sentinels);
    });
    afterAll(() => opened?.close());
    const open = () => ({ table: redisTable(opened.client), sendsAgain: true });

    testContract(open, { notShown: NOT_SHOWN });
  });
});

interface Failover {
  /** The group, a client of it, and the server to kill. */
  start(): Promise<{ group: RedisGroup; opened: OpenRedisClient; primary: OwnRedis | undefined }>;
}

const FAILOVERS: readonly (readonly [name: string, failover: Failover])[] = [
  ...CLUSTER_CLIENTS.map(([name, open]): [string, Failover] => [
    `a Cluster, by ${name}`,
    {
      async start() {
        const group = await startCluster();
        return { group, opened: await open(group), primary: group.nodes[0] };
      },
    },
  ]),
  ...SENTINEL_CLIENTS.map(([name, open]): [string, Failover] => [
    `Sentinel, by ${name}`,
    {
      async start() {
        const group = await startSentinels();
        return { group, opened: await open(group), primary: group.primary };
      },
    },
  ]),
];

// At the same time: all that they do is wait for each other's time-outs.
describe
  .skipIf(redisProgram === undefined)
  .concurrent("a group of Redis servers whose primary is killed", () => {
    it.each(FAILOVERS)(
      "%s serves again, and the commits that it acknowledged and lost are counted",
      async (name, { start }) => {
        const { group, opened, primary } = await start();
        try {
          const crowd = await Crowd.signIn(redisTable(opened.client), 12);
          const before = performance.now();
          await crowd.workDuring(async () => {
            await primary?.server.kill();
            await pause(500);
            await crowd.isServedAgain(30);
          });
          const seconds = ((performance.now() - before) / 1000).toFixed(1);
          const { done, failed, lost } = await crowd.inspect();
          tell(`${name}: back after ${seconds} s; ${done} commits, ${failed} errors, ${lost} lost`);
          expect(done).toBeGreaterThan(50);
        } finally {
          opened.close();
          await group.stop();
        }
      },
      60_000,
    );
  });
