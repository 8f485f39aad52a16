import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { redisTable, upstashTable } from "../../../src/tables/redis.ts";
import { testRefusals, writeRefused } from "../../contracts/tables/refusals.ts";
import type { RefusalCase, Refusing } from "../../contracts/tables/refusals.ts";
import { read } from "../../contracts/tables/store-world.ts";
import { Proxy } from "../../support/servers/proxy.ts";
import { REDIS_CLIENTS } from "../../support/servers/redis-clients.ts";
import { ask, redisProgram, startRedis } from "../../support/servers/redis.ts";
import { until } from "../../support/servers/servers.ts";
import { openUpstash, startUpstash } from "../../support/servers/upstash.ts";

interface RefusingRedis extends Refusing {
  readonly port: number;
}

const commands =
  (refuse: string, allow: string): RefusalCase<RefusingRedis>[1] =>
  async ({ port }) => {
    await ask(port, refuse);
    return () => ask(port, allow);
  };
const cause = (beginning: string): object => ({ message: expect.stringMatching(`^${beginning} `) });

const CASES: readonly RefusalCase<RefusingRedis>[] = [
  ["a full memory", commands("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"), cause("OOM")],
  ["being a replica", commands("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"), cause("READONLY")],
  [
    "too few replicas",
    commands("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
    cause("NOREPLICAS"),
  ],
  [
    "a right that is missing",
    commands("ACL SETUSER default -evalsha", "ACL SETUSER default +@all"),
    cause("NOPERM"),
  ],
  [
    "a snapshot that failed",
    async ({ port }) => {
      const [, dir = ""] = /\r\n(\/\S*)$/.exec(await ask(port, "CONFIG GET dir")) ?? [];
      mkdirSync(join(dir, "dump.rdb"), { recursive: true }); // A file cannot take the place of a folder.
      await ask(port, 'CONFIG SET save "3600 1"');
      await ask(port, "BGSAVE");
      await until("a failed snapshot", async () =>
        (await ask(port, "INFO persistence")).includes("rdb_last_bgsave_status:err"),
      );
      return () => ask(port, 'CONFIG SET save ""');
    },
    cause("MISCONF"),
  ],
];

describe.skipIf(redisProgram === undefined).each(REDIS_CLIENTS)(
  "Redis by %s, which refuses",
  (_name, openClient) => {
    const open = async (): Promise<RefusingRedis> => {
      const own = await startRedis();
      const proxy = await Proxy.before(own.port);
      const { client, close } = await openClient(`redis://127.0.0.1:${proxy.port}`);
      return {
        table: redisTable(client),
        calls: proxy,
        port: own.port,
        async close() {
          close();
          await proxy.close();
          await own.stop();
        },
      };
    };
    testRefusals(open, CASES);

    it("L5: a right that a later command of a script lacks is no refusal: one read finds the write made", async () => {
      const opened = await open();
      const withoutLast = commands("ACL SETUSER default -pexpire", "ACL SETUSER default +@all");
      const { error, trips, browser } = await writeRefused(opened, withoutLast);
      expect(error).not.toBeInstanceOf(Error);
      expect(trips).toBe(2);
      expect(await read(browser)).toEqual({ n: 3 });
      await opened.close();
    });
  },
);

describe.skipIf(redisProgram === undefined)("Upstash before a Redis that refuses", () => {
  testRefusals(async (): Promise<RefusingRedis> => {
    const own = await startRedis();
    const server = await startUpstash(own.url);
    const proxy = await Proxy.before(server.port);
    return {
      table: upstashTable(openUpstash(`http://127.0.0.1:${proxy.port}`)),
      calls: proxy,
      port: own.port,
      async close() {
        await proxy.close();
        await server.close();
        await own.stop();
      },
    };
  }, CASES);
});
