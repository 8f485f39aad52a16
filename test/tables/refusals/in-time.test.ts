/** How long a request waits for a real server that is slow, locked or silent. */
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { redisTable } from "../../../src/tables/redis.ts";
import { World, handleOf, read } from "../../contracts/tables/store-world.ts";
import { openPg } from "../../support/servers/postgres-clients.ts";
import { hasOwnPostgres, startPostgres } from "../../support/servers/postgres.ts";
import { Proxy } from "../../support/servers/proxy.ts";
import { openIoRedis } from "../../support/servers/redis-clients.ts";
import { redisProgram, startRedis } from "../../support/servers/redis.ts";

/** The two seconds, and what a busy machine adds; it was 5 and 7.8 seconds before. */
const IN_TIME = 4_000;

/** Writes while something is wrong. Gives what the request waited for its store, and how it ended. */
async function writeWhile(
  table: SessionTable,
  goesWrong: (handle: string) => Promise<() => unknown>,
): Promise<{ readonly waited: number; readonly error: unknown; readonly kept: unknown }> {
  const world = new World(table);
  const sessions = world.process();
  const browser = world.browser(sessions);
  for (let n = 1; n <= 2; n++) await browser.visit((conn) => sessions.putSession(conn, "n", n));
  const mend = await goesWrong(handleOf(browser));
  const began = performance.now();
  const error = await browser
    .visit((conn) => sessions.putSession(conn, "n", 3))
    .catch((failure: unknown) => failure);
  const waited = performance.now() - began;
  await mend();
  return { waited, error, kept: await read(browser) };
}

describe.skipIf(!hasOwnPostgres)("L2: a request over PostgreSQL", () => {
  let open: { table: SessionTable; proxy: Proxy; owner: Client; close(): Promise<void> };
  beforeAll(async () => {
    const own = await startPostgres();
    const owner = new Client({ connectionString: own.url });
    await owner.connect();
    const proxy = await Proxy.before(own.port);
    // Longer than the two seconds, so that it is not the client that gives up.
    const { client, close } = await openPg(
      `postgres://postgres@127.0.0.1:${proxy.port}/postgres`,
      20_000,
    );
    const table = postgresTable(client);
    await table.migrate();
    const closeAll = async (): Promise<void> => {
      await close();
      await owner.end();
      await proxy.close();
      await own.stop();
    };
    open = { table, proxy, owner, close: closeAll };
  }, 30_000);
  afterAll(() => open?.close());

  it("it ends in time if another transaction locks its row", async () => {
    const { table, owner } = open;
    const { waited, error, kept } = await writeWhile(table, async (handle) => {
      await owner.query("BEGIN");
      await owner.query("SELECT 1 FROM sojourn_sessions WHERE handle = $1 FOR UPDATE", [handle]);
      return () => owner.query("ROLLBACK");
    });
    expect(error).toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(waited).toBeLessThan(IN_TIME);
    expect(kept).toEqual({ n: expect.any(Number) });
  }, 20_000);

  it("it ends in time if every answer comes 1.9 seconds late", async () => {
    const { table, proxy } = open;
    const { waited, error } = await writeWhile(table, async () => {
      proxy.delay = 1_900;
      return () => (proxy.delay = 0);
    });
    expect(error).toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(waited).toBeLessThan(IN_TIME);
  }, 20_000);
});

describe.skipIf(redisProgram === undefined)("L2: a request over Redis", () => {
  it("it ends in time if the server is silent after the load", async () => {
    const own = await startRedis();
    const proxy = await Proxy.before(own.port);
    const { client, close } = await openIoRedis(`redis://127.0.0.1:${proxy.port}`, 20_000);
    const world = new World(redisTable(client));
    const sessions = world.process();
    const browser = world.browser(sessions);
    await browser.visit((conn) => sessions.putSession(conn, "n", 1));
    const request = await browser.begin();
    request.run((conn) => sessions.putSession(conn, "n", 2));
    proxy.silence("all");
    const began = performance.now();
    const write = request.finish();
    await expect(write).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(performance.now() - began).toBeLessThan(IN_TIME);
    close();
    await proxy.close();
    await own.stop();
  }, 20_000);
});
