/** The Redis table over a real server, by each client: contract, store, round trips, and how rows go away. */
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { createClient, RESP_TYPES } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionRow } from "../../src/core/store.ts";
import { redisTable } from "../../src/tables/redis.ts";
import { NOW, newKey, row } from "../../src/testing/contract/case.ts";
import { testRoundTrips } from "../contracts/tables/round-trips.ts";
import { testTable } from "../contracts/tables/whole-table.ts";
import { hasRedis, someRedis } from "../support/servers/redis.ts";
import type { RedisServer } from "../support/servers/redis.ts";
import { REDIS_CLIENTS, openIoRedis } from "../support/servers/redis-clients.ts";
import type { OpenRedisClient } from "../support/servers/redis-clients.ts";
import { contractChild } from "../support/tables/contract-child.ts";

const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
const prefix = `test:${randomUUID()}:`;

describe.skipIf(!hasRedis)("the Redis table", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await someRedis();
  });
  afterAll(() => server?.stop());

  describe.each(REDIS_CLIENTS)("Redis by %s", (_name, openClient) => {
    let opened: OpenRedisClient;
    let second: OpenRedisClient;
    beforeAll(async () => {
      opened = await openClient(server.url);
      second = await openClient(server.url);
    });
    afterAll(() => {
      opened?.close();
      second?.close();
    });
    const open = () => ({
      table: redisTable(opened.client, { prefix }),
      other: redisTable(second.client, { prefix }),
      child: contractChild("redis", server.url, prefix),
      sendsAgain: true,
    });

    testTable(open, {
      sequences: 60,
      async failing() {
        const { client, close } = await openClient(server.url);
        return { table: redisTable(client, { prefix }), fail: close };
      },
      notShown: ["sweep"],
    });

    it("the table sends a script again that the server has forgotten", async () => {
      const { table } = open();
      const key = newKey();
      await table.insert(key, row("first", 1), NOW);
      const admin = await openIoRedis(server.url);
      await (admin.client as Redis).script("FLUSH");
      admin.close();
      expect(await table.replace(key, 1, row("second", 2), NOW)).toBe("done");
      expect(await table.get(key)).toEqual(row("second", 2));
    });

    testRoundTrips({
      url: () => server.url,
      async count(url) {
        const { client, close } = await openClient(url);
        return { table: redisTable(client, { prefix }), close };
      },
      elsewhere: () => redisTable(opened.client, { prefix }),
    });
  });

  describe("rows that the server itself removes", () => {
    let client: Redis;
    beforeAll(() => {
      client = new Redis(server.url);
    });
    afterAll(() => client?.disconnect());
    const HOUR = 3_600_000;
    const LATE = 300_000;
    const left = (key: string): Promise<number> => client.pttl(prefix + key);
    const about = (actual: number, expected: number): void => {
      expect(actual).toBeLessThanOrEqual(expected);
      expect(actual).toBeGreaterThan(expected - 5000);
    };

    it.each([
      ["in 1970", 0],
      ["in 2200", Date.UTC(2200, 0, 1)],
    ])(
      "the server removes a row five minutes late, by a clock that stands %s",
      async (_when, now) => {
        const table = redisTable(client, { prefix });
        const key = newKey();
        await table.insert(key, { value: "", version: 1, expiresAt: now + HOUR }, now);
        about(await left(key), HOUR + LATE);
        await table.touch(key, 1, now + 2 * HOUR, now);
        about(await left(key), 2 * HOUR + LATE);
        await table.touch(key, 1, now + HOUR, now);
        about(await left(key), 2 * HOUR + LATE);
        await table.replace(key, 1, { value: "", version: 2, expiresAt: now + HOUR / 2 }, now);
        about(await left(key), HOUR / 2 + LATE);
        // A conflict moves nothing.
        await table.replace(key, 1, { value: "", version: 3, expiresAt: now + 9 * HOUR }, now);
        await table.touch(key, 1, now + 9 * HOUR, now);
        about(await left(key), HOUR / 2 + LATE);
      },
    );

    it("the server removes a row five minutes after a deadline that has passed already", async () => {
      const table = redisTable(client, { prefix });
      const key = newKey();
      await table.insert(key, row("", 1, NOW - 9 * HOUR), NOW);
      about(await left(key), LATE);
    });

    it("no row is ever written without a time of its removal", async () => {
      const keys: string[] = [];
      let cursor = "0";
      do {
        const [next, found] = await client.scan(cursor, "MATCH", `${prefix}*`, "COUNT", 1000);
        cursor = next;
        keys.push(...found);
      } while (cursor !== "0");
      expect(keys.length).toBeGreaterThan(0);
      for (const key of keys) expect(await client.pttl(key), key).toBeGreaterThan(0);
    });
  });

  describe("clients with other settings", () => {
    const stored = row("text ä", 2 ** 53 - 1);
    const live = async (
      client: Parameters<typeof redisTable>[0],
    ): Promise<(SessionRow | undefined)[]> => {
      const table = redisTable(client, { prefix });
      const key = newKey();
      expect(await table.insert(key, stored, NOW)).toBe(true);
      expect(await table.insert(key, stored, NOW)).toBe(false);
      expect(await table.touch(key, 1, NOW, NOW)).toBe("conflict");
      const rows = [await table.get(key), (await table.delete(key, 1)) as SessionRow];
      expect(await table.delete(key)).toBe("done");
      return [...rows, await table.get(key)];
    };

    it("the table reads what ioredis gives with numbers as text, own pipelines and a key prefix", async () => {
      const client = new Redis(server.url, {
        stringNumbers: true,
        enableAutoPipelining: true,
        keyPrefix: `${prefix}own:`,
      });
      expect(await live(client)).toEqual([stored, stored, undefined]);
      client.disconnect();
    });

    it("the table reads what node-redis gives as bytes", async () => {
      const client = createClient({
        url: server.url,
        commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
      });
      await client.connect();
      expect(await live(client)).toEqual([stored, stored, undefined]);
      client.destroy();
    });

    it.each([2, 3] as const)(
      "the table reads what node-redis gives by protocol %s",
      async (RESP) => {
        const client = createClient({ url: server.url, RESP });
        await client.connect();
        expect(await live(client)).toEqual([stored, stored, undefined]);
        client.destroy();
      },
    );
  });
});

describe("redisTable", () => {
  const never = (): never => {
    throw new Error("nobody has used a session yet");
  };
  const client = { evalSha: never, eval: never };

  it("redisTable calls no method of the client", () => {
    expect(() => redisTable(client)).not.toThrow();
  });

  it.each([undefined, null, "redis://localhost", {}, () => {}, new Map()])(
    "redisTable refuses %o, which is no client",
    (wrong) => {
      expect(() => redisTable(wrong as never)).toThrow(config);
    },
  );

  it("redisTable refuses a client over HTTP, which has the same commands and no connection", () => {
    const overHttp = { evalsha: never, eval: never };
    expect(() => redisTable(overHttp)).toThrow(/over HTTP/);
    expect(() => redisTable(Object.assign(overHttp, { defineCommand: never }))).not.toThrow();
  });

  it.each([{ prefix: 5 }, { prefix: null }, { ttl: 60 }])(
    "redisTable refuses the options %o",
    (options) => {
      expect(() => redisTable(client, options as never)).toThrow(config);
    },
  );
});
