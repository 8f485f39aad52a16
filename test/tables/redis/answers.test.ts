/** L5: whatever the application does with its connection to Redis, an answer is believed only if it bears the key. */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { createClient } from "redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { redisTable } from "../../../src/tables/redis.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { Browser } from "../../support/browser.ts";
import { hasRedis, someRedis } from "../../support/servers/redis.ts";
import type { RedisServer } from "../../support/servers/redis.ts";
import { REDIS_CLIENTS } from "../../support/servers/redis-clients.ts";
import type { OpenRedisClient } from "../../support/servers/redis-clients.ts";

const prefix = `answers:${randomUUID()}:`;
const another = /answered another question/;

/** Sends a command as it is. */
function send({ client }: OpenRedisClient, command: string[]): Promise<unknown> {
  if ("evalSha" in client) return (client as ReturnType<typeof createClient>).sendCommand(command);
  return (client as Redis).call(command[0] ?? "", ...command.slice(1));
}

describe.skipIf(!hasRedis).each(REDIS_CLIENTS)(
  "L5: an answer of Redis by %s is this question's answer",
  (_name, openClient) => {
    let server: RedisServer;
    let opened: OpenRedisClient;
    let table: SessionTable;
    beforeAll(async () => {
      server = await someRedis();
    });
    afterAll(() => server?.stop());
    beforeEach(async () => {
      opened = await openClient(server.url);
      table = redisTable(opened.client, { prefix });
    });
    afterEach(() => opened?.close());

    it("a transaction that the application has left open is an error, and hides no row", async () => {
      const [key, fresh] = [newKey(), newKey()];
      await table.insert(key, row("alice", 1), NOW);
      await send(opened, ["MULTI"]);
      await expect(table.get(key)).rejects.toThrow(another);
      await expect(table.getMany?.([key, fresh])).rejects.toThrow(another);
      await expect(table.insert(fresh, row("bob", 1), NOW)).rejects.toThrow(another);
      await expect(table.replace(key, 1, row("bob", 2), NOW)).rejects.toThrow(another);
      await expect(table.touch(key, 1, NOW, NOW)).rejects.toThrow(another);
      await expect(table.delete(key)).rejects.toThrow(another);
      await send(opened, ["DISCARD"]);
      expect(await table.get(key)).toEqual(row("alice", 1));
    });

    it("a session behind a transaction that was left open is an error, and signs nobody out", async () => {
      const sessions = createSessions<{ user: string }>({
        store: tableStore({ table }),
        key: "__Host-s",
      });
      const browser = new Browser(sessions, Date.now);
      await browser.visit((conn) => void sessions.of(conn).put("user", "alice"));
      // The process has read by now what it reads once a minute.
      await browser.visit((conn) => sessions.of(conn).get("user"));
      const cookie = browser.jar.header;
      await send(opened, ["MULTI"]);
      const failing = browser.visit((conn) => sessions.of(conn).get("user"));
      await expect(failing).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      await send(opened, ["DISCARD"]);
      expect(browser.jar.header).toBe(cookie);
      const after = await browser.visit((conn) => sessions.of(conn).get("user"));
      expect(after.result).toBe("alice");
    });

    it("answers that are one off are errors, and no row is taken for another", async () => {
      const [first, second, absent] = [newKey(), newKey(), newKey()];
      await table.insert(first, row("first", 1), NOW);
      await table.insert(second, row("second", 2), NOW);
      // The server knows the scripts, and takes none of them for a new one.
      await table.replace(second, 0, row("", 1), NOW);
      await table.touch(second, 0, NOW, NOW);
      await table.get(second);
      // The server answers neither this command nor the next one, so that each later answer comes one too early.
      const skipped = send(opened, ["CLIENT", "REPLY", "SKIP"]);
      const lost = table.get(first);
      const asked = [
        table.get(absent),
        table.touch(second, 2, NOW, NOW),
        table.replace(second, 2, row("third", 3), NOW),
        table.replace(second, 3, row("fourth", 4), NOW),
        table.get(second),
      ];
      // Nobody answers the last two, whose connection ends.
      for (const each of asked.slice(-2)) void Promise.resolve(each).catch(() => {});
      const answers = await Promise.allSettled([skipped, lost, ...asked.slice(0, -2)]);
      expect(answers.slice(1).map(({ status }) => status)).toEqual(
        Array.from({ length: 4 }, () => "rejected"),
      );
    });
  },
);
