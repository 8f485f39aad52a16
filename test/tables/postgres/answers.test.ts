/** L5: whatever else fails on a connection to PostgreSQL, an answer is believed only if it is the answer to the question. */
import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import type { PgClient, PostgresJsClient } from "../../../src/tables/postgres.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { Browser } from "../../support/browser.ts";
import { hasPostgres, somePostgres } from "../../support/servers/postgres.ts";
import type { PostgresServer } from "../../support/servers/postgres.ts";
import { Proxy } from "../../support/servers/proxy.ts";
import { pause, tell } from "../../support/servers/servers.ts";

interface One {
  readonly client: PgClient | PostgresJsClient;
  /** A statement of the application on the same connection. */
  run(text: string): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Clients with one connection, on which all statements stand behind each other. */
const CLIENTS: readonly (readonly [name: string, open: (url: string) => One])[] = [
  [
    "pg",
    (connectionString) => {
      const client = new Pool({ connectionString, max: 1, query_timeout: 5000 });
      client.on("error", () => {});
      return { client, run: (text) => client.query(text), close: () => client.end() };
    },
  ],
  [
    "postgres.js",
    (url) => {
      const client = postgres(url, { max: 1, fetch_types: false, backoff: () => 0.01 });
      return {
        client,
        run: async (text) => client.unsafe(text, [], { prepare: true }),
        close: () => client.end({ timeout: 0 }),
      };
    },
  ],
];

const SILENT = "silent";

/** Gives three rows, and then fails. */
const FAILS = "SELECT i, 1 / (4 - i) FROM generate_series(1, 10) i";

describe.skipIf(!hasPostgres)("L5: an answer of PostgreSQL is this question's answer", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await somePostgres();
  });
  afterAll(() => server?.stop());

  describe.each(CLIENTS)("by %s", (_name, open) => {
    const name = `answers_${randomUUID().replaceAll("-", "_")}`;
    let proxy: Proxy;
    let one: One;
    let table: SessionTable;
    let url: string;
    beforeEach(async () => {
      proxy = await Proxy.before(Number(new URL(server.url).port));
      url = Object.assign(new URL(server.url), { port: `${proxy.port}` }).href;
      one = open(url);
      const made = postgresTable(one.client, { table: name });
      await made.migrate();
      table = made;
    });
    afterEach(async () => {
      await one.close();
      await proxy.close();
    });

    it("a query of the application that fails after its first rows hides no row and undoes no write", async () => {
      const [key, absent, fresh] = [newKey(), newKey(), newKey()];
      const stored = row("alice", 1);
      await table.insert(key, stored, NOW);
      const behind = async <T>(ask: () => T): Promise<Awaited<T>> => {
        const failing = one.run(FAILS);
        const answer = ask();
        await expect(failing).rejects.toThrow(/division by zero/);
        return await answer;
      };
      expect(await behind(() => table.get(key))).toEqual(stored);
      expect(await behind(() => table.get(absent))).toBeUndefined();
      expect(await behind(() => table.getMany?.([absent, key]))).toEqual([
        [absent, undefined],
        [key, stored],
      ]);
      expect(await behind(() => table.insert(fresh, stored, NOW))).toBe(true);
      expect(await behind(() => table.touch(key, 1, stored.expiresAt + 1, NOW))).toBe("done");
      expect(await behind(() => table.replace(key, 1, row("bob", 2), NOW))).toBe("done");
      expect(await behind(() => table.replace(key, 1, row("eve", 3), NOW))).toEqual(row("bob", 2));
      expect(await behind(() => table.delete(key, 2, NOW))).toBe("done");
      expect(await behind(() => table.sweep?.(0))).toBe(0);
    });

    it("a query of the application that fails meanwhile signs nobody out, and loses no update", async () => {
      const sessions = createSessions<{ user: string; cart: number }>({
        store: tableStore({ table }),
        key: "s",
      });
      const browser = new Browser(sessions, Date.now);
      await browser.visit((conn) => sessions.of(conn).put("user", "alice").renew());
      const cookie = browser.jar.header;
      const during = async (handler: Parameters<Browser["visit"]>[0]) => {
        const failing = one.run(FAILS).catch(() => {});
        const answer = await browser.visit(handler);
        await failing;
        return answer;
      };
      const read = await during((conn) => sessions.of(conn).get("user"));
      expect(read.result).toBe("alice");
      await during((conn) => void sessions.of(conn).put("cart", 1));
      expect(browser.jar.header).toBe(cookie);
      const after = await browser.visit((conn) => [
        sessions.of(conn).get("user"),
        sessions.of(conn).get("cart"),
      ]);
      expect(after.result).toEqual(["alice", 1]);
    });

    it("a connection that breaks at any byte of its answers shows no row as absent, and no other row", async () => {
      const [first, second] = [newKey(), newKey()];
      await table.insert(first, row("first", 1), NOW);
      await table.insert(second, row("second", 2), NOW);
      let [answered, failed, silent] = [0, 0, 0];
      for (let bytes = 0; bytes < 400; bytes += 2) {
        const { client, close } = open(url);
        const another = postgresTable(client, { table: name });
        await another.get(first);
        proxy.truncateNext(first, bytes);
        // A statement that postgres.js has forgotten with its connection is never answered. The store waits 2 s for it.
        const patient = (key: string) =>
          Promise.race([another.get(key), pause(200).then(() => SILENT)]);
        const answers = await Promise.allSettled([patient(first), patient(second)]);
        // The next statement is asked on a new connection, for which the client may remember something of the former.
        answers.push(...(await Promise.allSettled([patient(second)])));
        for (const [i, answer] of answers.entries()) {
          if (answer.status === "rejected") failed++;
          else if (answer.value === SILENT) silent++;
          else {
            answered++;
            const expected = i === 0 ? row("first", 1) : row("second", 2);
            expect(answer.value, `answer ${i}, cut after ${bytes} bytes`).toEqual(expected);
          }
        }
        await close();
      }
      tell(
        `connections that broke within an answer: ${answered} answers, ${failed} errors, ${silent} silent`,
      );
      expect(failed).toBeGreaterThan(0);
    }, 60_000);
  });
});
