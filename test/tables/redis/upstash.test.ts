/** The table of Upstash over its protocol before a real Redis: contract, store, faults, what a client does to answers. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { redisTable, upstashTable } from "../../../src/tables/redis.ts";
import type { UpstashClient } from "../../../src/tables/redis.ts";
import { NOW, newKey, row, times } from "../../../src/testing/contract/case.ts";
import { testRoundTrips } from "../../contracts/tables/round-trips.ts";
import { World, handleOf, read } from "../../contracts/tables/store-world.ts";
import { testTable } from "../../contracts/tables/whole-table.ts";
import { Proxy } from "../../support/servers/proxy.ts";
import { hasRedis, someRedis } from "../../support/servers/redis.ts";
import type { RedisServer } from "../../support/servers/redis.ts";
import { openUpstash, startUpstash } from "../../support/servers/upstash.ts";
import type { UpstashServer } from "../../support/servers/upstash.ts";
import { contractChild } from "../../support/tables/contract-child.ts";

const prefix = `test:${randomUUID()}:`;

describe.skipIf(!hasRedis)("the table of Upstash over HTTP", () => {
  let redis: RedisServer;
  let server: UpstashServer;
  let client: ReturnType<typeof openUpstash>;
  beforeAll(async () => {
    redis = await someRedis();
    server = await startUpstash(redis.url);
    client = openUpstash(server.url);
  });
  afterAll(async () => {
    await server?.close();
    await redis?.stop();
  });
  const open = () => ({
    table: upstashTable(client, { prefix }),
    other: upstashTable(openUpstash(server.url), { prefix }),
    child: contractChild("upstash", server.url, prefix),
    sendsAgain: true,
  });

  testTable(open, {
    async failing() {
      const proxy = await Proxy.before(server.port);
      const behind = openUpstash(`http://127.0.0.1:${proxy.port}`, { retry: false });
      return { table: upstashTable(behind, { prefix }), fail: () => proxy.close() };
    },
    notShown: ["sweep"],
  });

  testRoundTrips({
    url: () => server.url,
    async count(url) {
      return { table: upstashTable(openUpstash(url), { prefix }), close: () => {} };
    },
    elsewhere: () => upstashTable(client, { prefix }),
  });

  describe("what a client does to answers", () => {
    const texts = [
      "\uFEFFmark",
      '{"a":1}',
      "12345678901234567890",
      "null",
      "true",
      "",
      "=a",
      "ä€🎉",
    ];

    it.each([
      ["as it comes", {}],
      ["without automatic deserialization", { automaticDeserialization: false }],
      ["without base64", { responseEncoding: false }],
      ["without pipelines", { enableAutoPipelining: false }],
      ["that does not wait for its own writes", { readYourWrites: false }],
    ] as const)("each text comes back exactly by a client %s", async (_settings, settings) => {
      const table = upstashTable(openUpstash(server.url, settings), { prefix });
      for (const value of texts) {
        const key = newKey();
        const stored = row(value, 2 ** 53 - 1);
        expect(await table.insert(key, stored, NOW)).toBe(true);
        expect(await table.get(key)).toEqual(stored);
        expect(await table.getMany?.([key, `${key}a`])).toEqual([
          [key, stored],
          [`${key}a`, undefined],
        ]);
        expect(await table.replace(key, 1, row("b", 3), NOW)).toEqual(stored);
        expect(await table.delete(key, 1)).toEqual(stored);
        expect(await table.delete(key, stored.version)).toBe("done");
      }
    });

    it("the rows are those of redisTable, so that servers with a connection share them", async () => {
      const connected = new Redis(redis.url);
      const other = redisTable(connected, { prefix });
      const { table } = open();
      const key = newKey();
      await other.insert(key, row("first", 1), NOW);
      expect(await table.get(key)).toEqual(row("first", 1));
      expect(await table.replace(key, 1, row("second", 2), NOW)).toBe("done");
      expect(await other.get(key)).toEqual(row("second", 2));
      expect(await table.delete(key)).toBe("done");
      expect(await other.insert(key, row("late", 3), NOW)).toBe(false);
      connected.disconnect();
    });

    it("getMany reads a hundred rows with one command", async () => {
      const keys = times(100, newKey);
      const { table } = open();
      for (const key of keys.slice(1)) await table.insert(key, row(key, 1), NOW);
      await table.getMany?.(keys);
      const before = server.commands();
      const pairs = await table.getMany?.(keys);
      expect(server.commands() - before).toBe(1);
      expect(new Map(pairs)).toEqual(
        new Map(keys.map((key, i) => [key, i > 0 ? row(key, 1) : undefined])),
      );
    });

    it("the table sends a script again that the server has forgotten", async () => {
      const { table } = open();
      const key = newKey();
      await table.insert(key, row("first", 1), NOW);
      await client.scriptFlush();
      expect(await table.replace(key, 1, row("second", 2), NOW)).toBe("done");
      expect(await table.get(key)).toEqual(row("second", 2));
    });
  });

  describe("L5: a request that breaks", () => {
    it.each(["before the request", "before the answer"] as const)(
      "the client sends again what a cut %s has lost, and each write is made once",
      async (when) => {
        const proxy = await Proxy.before(server.port);
        const table = upstashTable(openUpstash(`http://127.0.0.1:${proxy.port}`), { prefix });
        // The server knows the scripts from here on.
        const known = newKey();
        await table.insert(known, row("", 1), NOW);
        await table.replace(known, 1, row("", 2), NOW);
        await table.delete(known);
        const world = new World(table);
        const sessions = world.process();
        const one = world.browser(sessions);
        const cut = async (act: Parameters<typeof one.visit>[0]): Promise<void> => {
          proxy.cutNext(when, "evalsha");
          await one.visit(act);
          expect(proxy.cutting).toBe(false);
        };
        const add = (conn: Parameters<typeof sessions.of>[0]): void =>
          sessions.updateSession(conn, "n", (n = 0) => n + 1);
        await cut(add);
        expect(await read(one)).toEqual({ n: 1 });
        await one.visit(add);
        await cut(add);
        expect(await read(one)).toEqual({ n: 3 });
        const handle = handleOf(one);
        await cut((conn) => sessions.dropSession(conn));
        expect(await open().table.get(handle)).toBeUndefined();
        expect(await open().table.insert(handle, row("late", 1), NOW)).toBe(false);
        await proxy.close();
      },
    );

    it("L2: a request that was aborted is an error, though the client gives it as an answer", async () => {
      const aborted = { signal: AbortSignal.abort("late"), enableAutoPipelining: false };
      const table = upstashTable(openUpstash(server.url, aborted), { prefix });
      const key = newKey();
      await expect(table.get(key)).rejects.toThrow(/another question/);
      await expect(table.getMany?.([key])).rejects.toThrow(/another question/);
      await expect(table.insert(key, row("", 1), NOW)).rejects.toThrow(/another question/);
      await expect(table.replace(key, 1, row("", 2), NOW)).rejects.toThrow(/another question/);
      await expect(table.delete(key)).rejects.toThrow(/another question/);
      const piped = upstashTable(openUpstash(server.url, { signal: AbortSignal.abort("late") }));
      await expect(piped.get(key)).rejects.toThrow();
    });

    it("L2: an answer to another question is an error, and not a session that is gone", async () => {
      const asked = newKey();
      await open().table.insert(asked, row("a", 1), NOW);
      const mixed: UpstashClient = Object.assign(Object.create(client) as UpstashClient, {
        createScript() {},
        eval: (text: string, keys: string[], args: string[]) =>
          client.eval(
            text,
            keys.map((key) => `${key}x`),
            args,
          ),
        evalsha: (sha: string, keys: string[], args: string[]) =>
          client.evalsha(
            sha,
            keys.map((key) => `${key}x`),
            args,
          ),
      });
      const table = upstashTable(mixed, { prefix });
      await expect(table.get(asked)).rejects.toThrow(/another question/);
      await expect(table.getMany?.([asked])).rejects.toThrow(/another question/);
      await expect(table.delete(asked, 2)).rejects.toThrow(/another question/);
    });
  });

  describe("L21: an error of the table", () => {
    const all = (error: unknown): string => inspect(error, { depth: 20, showHidden: true });
    const failure = async (table: SessionTable): Promise<unknown> =>
      Promise.resolve(table.insert(newKey(), row("4111 1111", 1), NOW)).catch(
        (reason: unknown) => reason,
      );

    it("it tells nothing of the row if the server refuses a command, alone or in a pipeline", async () => {
      for (const enableAutoPipelining of [false, true]) {
        const key = newKey();
        await client.set(`${prefix}wrong:${key}`, "no hash");
        const table = upstashTable(openUpstash(server.url, { enableAutoPipelining }), {
          prefix: `${prefix}wrong:`,
        });
        const written = Promise.resolve(table.replace(key, 1, row("4111 1111", 2), NOW));
        const error: unknown = await written.catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(Error);
        expect(all(error)).toContain("WRONGTYPE");
        expect(all(error)).not.toContain("4111");
      }
    });

    it("it tells nothing of the row if an answer breaks off, and nothing of the token", async () => {
      const broken = createServer((_request, response) => {
        response.end('[{"result":["4111 1111');
      });
      await new Promise<void>((resolve) => void broken.listen(0, "127.0.0.1", resolve));
      const { port } = broken.address() as AddressInfo;
      const error = await failure(
        upstashTable(openUpstash(`http://127.0.0.1:${port}`), { prefix }),
      );
      expect(error).toBeInstanceOf(Error);
      expect(all(error)).not.toContain("4111");
      broken.closeAllConnections();
      broken.close();
    });
  });
});

describe("the set-up of a table of Upstash", () => {
  const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
  const client = openUpstash("http://127.0.0.1:1");

  it("upstashTable takes a client that has asked for nothing yet", () => {
    expect(() => upstashTable(client)).not.toThrow();
    expect(() =>
      upstashTable(openUpstash("http://127.0.0.1:1", { enableAutoPipelining: false })),
    ).not.toThrow();
  });

  it("each table of sojourn/redis refuses the other's client, and names the other", () => {
    const connected = new Redis({ lazyConnect: true });
    expect(() => redisTable(client as never)).toThrow(/upstashTable/);
    expect(() => redisTable(client as never)).toThrow(config);
    expect(() => upstashTable(connected as never)).toThrow(/redisTable/);
    expect(() => upstashTable(connected as never)).toThrow(config);
  });

  it.each([undefined, null, "https://upstash.io", {}, () => {}, new Map()])(
    "upstashTable refuses %o, which is no client",
    (wrong) => {
      expect(() => upstashTable(wrong as never)).toThrow(config);
    },
  );

  it.each([{ prefix: 5 }, { prefix: null }, { ttl: 60 }])(
    "upstashTable refuses the options %o",
    (options) => {
      expect(() => upstashTable(client, options as never)).toThrow(config);
    },
  );
});
