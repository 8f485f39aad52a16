/** L2: a database that ends a connection ends no process, also if the application listens for no error. */
import { Redis } from "ioredis";
import { Pool } from "pg";
import { createClient } from "redis";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { hasOwnPostgres, startPostgres } from "../support/servers/postgres.ts";
import { redisProgram, startRedis } from "../support/servers/redis.ts";
import { until } from "../support/servers/servers.ts";

interface Warned {
  readonly text: string;
  readonly code: string | undefined;
}

/** A process of its own, as far as our modules go. Without our listener an error here would fail the whole run. */
async function freshProcess() {
  vi.resetModules();
  const warnings: Warned[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((text, options) => {
    warnings.push({ text: String(text), ...(options as { code?: string }) } as Warned);
  });
  const { postgresTable } = await import("../../src/tables/postgres.ts");
  const { redisTable } = await import("../../src/tables/redis.ts");
  return { warnings, postgresTable, redisTable };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.skipIf(!hasOwnPostgres)("L2: a pool of pg without a listener", () => {
  async function scene() {
    const server = await startPostgres();
    const pool = new Pool({ connectionString: server.url });
    onTestFinished(async () => {
      await pool.end();
      await server.stop();
    });
    return { server, pool, ...(await freshProcess()) };
  }

  it("a killed server ends idle connections, and one warning says what to do", async () => {
    const { server, pool, warnings, postgresTable } = await scene();
    const table = postgresTable(pool);
    await table.migrate();
    await server.server.kill();
    await until("the warning", async () => warnings.length > 0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.code).toBe("SOJOURN_CLIENT_ERROR");
    for (const word of ["postgresTable", 'client.on("error"']) {
      expect(warnings[0]?.text).toContain(word);
    }
    await server.restart();
    expect(await table.get("A".repeat(22))).toBeUndefined();
  });

  it("a listener that the application adds later is told alone", async () => {
    const { server, pool, warnings, postgresTable } = await scene();
    await postgresTable(pool).migrate();
    const errors: Error[] = [];
    pool.on("error", (error) => errors.push(error));
    await server.server.kill();
    await until("the error", async () => errors.length > 0);
    expect(warnings).toEqual([]);
  });

  it("a pool that has a listener gets no other", async () => {
    const { postgresTable } = await freshProcess();
    const pool = new Pool();
    pool.on("error", () => {});
    postgresTable(pool);
    expect(pool.listenerCount("error")).toBe(1);
  });

  it("several tables of one pool add one listener", async () => {
    const { postgresTable } = await freshProcess();
    const pool = new Pool();
    for (const table of ["one", "other"]) postgresTable(pool, { table });
    expect(pool.listenerCount("error")).toBe(1);
  });
});

describe.skipIf(redisProgram === undefined)("L2: a client of Redis without a listener", () => {
  it.each([
    [
      "node-redis",
      async (url: string) => {
        const client = createClient({ url });
        await client.connect();
        return { client, close: async () => client.destroy() };
      },
    ],
    [
      "ioredis",
      async (url: string) => {
        const client = new Redis(url);
        await client.ping();
        return { client, close: async () => client.disconnect() };
      },
    ],
  ])("%s: a killed server is one warning, and the client comes back", async (_, open) => {
    const server = await startRedis();
    const { client, close } = await open(server.url);
    onTestFinished(async () => {
      await close();
      await server.stop();
    });
    const { warnings, redisTable } = await freshProcess();
    const table = redisTable(client);
    await server.server.kill();
    await until("the warning", async () => warnings.length > 0);
    await server.restart();
    await until("an answer", async () => {
      await table.get("A".repeat(22));
      return true;
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: "SOJOURN_CLIENT_ERROR" });
    expect(warnings[0]?.text).toContain("redisTable");
  });
});
