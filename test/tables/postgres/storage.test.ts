/** How the PostgreSQL table uses its server: making the table, what a touch costs, how rows are swept. */
import { randomBytes } from "node:crypto";
import { Client, Pool } from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStatements } from "../../../src/tables/postgres/statements.ts";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { HOUR, NOW, newKey, row, times } from "../../../src/testing/contract/case.ts";
import { requireBuilt } from "../../setup/project.ts";
import { runNode } from "../../setup/run.ts";
import { hasPostgres, somePostgres } from "../../support/servers/postgres.ts";
import type { PostgresServer } from "../../support/servers/postgres.ts";
import { until } from "../../support/servers/servers.ts";

const newName = (): string => `t_${randomBytes(8).toString("hex")}`;

describe.skipIf(!hasPostgres)("the table in PostgreSQL", () => {
  let server: PostgresServer;
  let pool: Pool;
  const made: string[] = [];
  const openPool = (max?: number): Pool => {
    const pool = new Pool({ connectionString: server.url, max });
    // A connection may hear that the server stops before it hears that it ends itself.
    pool.on("error", () => {});
    return pool;
  };
  beforeAll(async () => {
    server = await somePostgres();
    pool = openPool();
  });
  afterAll(async () => {
    for (const table of made) await pool.query(`DROP TABLE IF EXISTS ${table}`);
    await pool?.end();
    await server?.stop();
  });

  /** A fresh table, and how to reach it. */
  async function make(client: Pool | Client = pool) {
    const name = newName();
    made.push(name);
    const table = postgresTable(client, { table: name });
    await table.migrate();
    return { name, table };
  }

  describe("the database's table", () => {
    it("many processes that migrate at once make the table once", async () => {
      const pools = times(6, () => openPool(2));
      for (let round = 0; round < 5; round++) {
        const name = newName();
        made.push(name);
        const tables = pools.map((each) => postgresTable(each, { table: name }));
        await Promise.all([...tables, ...tables].map((each) => each.migrate()));
        expect(await tables[0]?.insert(newKey(), row("", 1), NOW)).toBe(true);
      }
      await Promise.all(pools.map((each) => each.end()));
    });

    it("a second migration keeps the rows, and says nothing", async () => {
      const told: unknown[] = [];
      const sql = postgres(server.url, { onnotice: (notice) => told.push(notice) });
      const name = newName();
      made.push(name);
      const table = postgresTable(sql, { table: name });
      await table.migrate();
      const key = newKey();
      await table.insert(key, row("kept", 1), NOW);
      await table.migrate();
      expect(await table.get(key)).toEqual(row("kept", 1));
      expect(told).toEqual([]);
      await sql.end();
    });

    it("the table may be of any schema, and be named like a word of SQL", async () => {
      const schema = newName();
      await pool.query(`CREATE SCHEMA ${schema}`);
      for (const name of ["user", "x".repeat(50)]) {
        const table = postgresTable(pool, { table: `${schema}.${name}` });
        await table.migrate();
        const key = newKey();
        await table.insert(key, row("", 1), NOW);
        expect(await table.get(key)).toEqual(row("", 1));
      }
      const { rows } = await pool.query(
        "SELECT count(*)::integer AS n FROM pg_indexes WHERE schemaname = $1",
        [schema],
      );
      expect(rows).toEqual([{ n: 4 }]); // Of each table the primary key, and the hours.
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    });

    it("the table is what npx sojourn ddl postgres prints", async () => {
      requireBuilt();
      const name = newName();
      made.push(name);
      const { code, stdout } = await runNode(["dist/cli/main.js", "ddl", "postgres", name]);
      expect(code).toBe(0);
      await pool.query(stdout);
      const { name: migrated } = await make();
      const columns = async (table: string): Promise<unknown> =>
        (
          await pool.query(
            `SELECT column_name, data_type, is_nullable, collation_name, generation_expression,
               (SELECT array_agg(replace(indexdef, $1, 't')) FROM pg_indexes WHERE tablename = $1) AS indexes
             FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position`,
            [table],
          )
        ).rows;
      expect(await columns(name)).toEqual(await columns(migrated));
      const { stdout: plain } = await runNode(["dist/cli/main.js", "ddl", "postgres"]);
      expect(plain).toContain('"sojourn_sessions"');
    });

    it("the command line checks the name of the table", async () => {
      requireBuilt();
      const { code, stdout, stderr } = await runNode([
        "dist/cli/main.js",
        "ddl",
        "postgres",
        "a b",
      ]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain('"a b"');
      const oracle = await runNode(["dist/cli/main.js", "ddl", "oracle"]);
      expect(oracle.code).toBe(2);
    });
  });

  it("a touch is a heap-only update as long as the hour of the deadline stays the same", async () => {
    const { name, table } = await make();
    const keys = times(100, newKey);
    const hour = Math.floor(NOW / HOUR) * HOUR;
    await Promise.all(
      keys.map(async (key) => table.insert(key, row("x".repeat(300), 1, hour), NOW)),
    );
    // What a connection has counted is certain to be told when it ends.
    const touchAll = async (expiresAt: number): Promise<{ updates: number; heapOnly: number }> => {
      const own = openPool(1);
      const own_table = postgresTable(own, { table: name });
      const before = await counted();
      for (const key of keys) expect(await own_table.touch(key, 1, expiresAt, NOW)).toBe("done");
      await own.end();
      const after = await until("100 counted updates", async () => {
        const now = await counted();
        return now.updates === before.updates + 100 ? now : undefined;
      });
      return {
        updates: after.updates - before.updates,
        heapOnly: after.heapOnly - before.heapOnly,
      };
    };
    const counted = async (): Promise<{ updates: number; heapOnly: number }> => {
      const { rows } = await pool.query<{ updates: number; heapOnly: number }>(
        `SELECT n_tup_upd::integer AS updates, n_tup_hot_upd::integer AS "heapOnly"
         FROM pg_stat_user_tables WHERE relname = $1`,
        [name],
      );
      return rows[0] ?? { updates: 0, heapOnly: 0 };
    };
    // Where a page is full for the moment, one moves to another page: those are few.
    const within = await touchAll(hour + 59 * 60_000);
    expect(within.heapOnly).toBeGreaterThan(90);
    const beyond = await touchAll(hour + HOUR);
    expect(beyond).toEqual({ updates: 100, heapOnly: 0 });
  });

  it("a touch that would not lengthen writes nothing", async () => {
    const { name, table } = await make();
    const key = newKey();
    await table.insert(key, row("", 1, NOW + HOUR), NOW);
    const place = async (): Promise<unknown> =>
      (await pool.query(`SELECT ctid FROM ${name} WHERE handle = $1`, [key])).rows;
    const before = await place();
    expect(await table.touch(key, 1, NOW, NOW)).toBe("done");
    expect(await table.touch(key, 1, NOW + HOUR, NOW)).toBe("done");
    expect(await place()).toEqual(before);
    await table.touch(key, 1, NOW + 2 * HOUR, NOW);
    expect(await place()).not.toEqual(before);
  });

  describe("the sweep of PostgreSQL", () => {
    it("a sweep removes at most 1000 rows with one statement", async () => {
      const { name, table } = await make();
      await pool.query(
        `INSERT INTO ${name} (handle, value, version, expires_at) SELECT 'h' || i, '', i, i FROM generate_series(1, 2500) i`,
      );
      const answers: unknown[] = [];
      const watched = {
        query: async (query: { text: string; values: unknown[] }) => {
          const { rows } = await pool.query<Record<string, unknown>>(query);
          answers.push(rows[0]?.["answer"]);
          return { rows };
        },
      };
      expect(await postgresTable(watched, { table: name }).sweep(2400.5)).toBe(2400);
      // The rows that were removed, and those of them that were no marks of a delete.
      expect(answers).toEqual(["swept 1000 1000", "swept 1000 1000", "swept 400 400"]);
      expect(await table.sweep(2500)).toBe(100);
    });

    it("a sweep waits for no other writer, and leaves a row that is in use for the next sweep", async () => {
      const { name, table } = await make();
      const [used, free] = [newKey(), newKey()];
      for (const key of [used, free]) await table.insert(key, row("", 1, NOW - 1), NOW);
      const other = new Client({ connectionString: server.url });
      await other.connect();
      await other.query("BEGIN");
      await other.query(`SELECT FROM ${name} WHERE handle = $1 FOR UPDATE`, [used]);
      expect(await table.sweep(NOW)).toBe(1);
      expect(await table.get(free)).toBeUndefined();
      await other.query("ROLLBACK");
      await other.end();
      expect(await table.sweep(NOW)).toBe(1);
    });

    it("sweeps in several processes share the work", async () => {
      const { name } = await make();
      await pool.query(
        `INSERT INTO ${name} (handle, value, version, expires_at) SELECT 'h' || i, '', i, i FROM generate_series(1, 5000) i`,
      );
      const pools = times(3, () => openPool(1));
      const swept = await Promise.all(
        pools.map((each) => postgresTable(each, { table: name }).sweep(NOW)),
      );
      expect(swept.reduce((sum, each) => sum + each, 0)).toBe(5000);
      await Promise.all(pools.map((each) => each.end()));
    });

    it.each([
      ["in 1970", 0],
      ["in 2200", Date.UTC(2200, 0, 1)],
    ])(
      "a sweep follows the clock of the core, even if that clock stands %s",
      async (_when, now) => {
        const { table } = await make();
        const [dead, live] = [newKey(), newKey()];
        await table.insert(dead, row("", 1, now), now);
        await table.insert(live, row("", 1, now + 1), now);
        expect(await table.sweep(now)).toBe(1);
        expect(await table.get(live)).toEqual(row("", 1, now + 1));
      },
    );

    it("a sweep finds dead rows by the index on the hour, and a load finds a session by its handle", async () => {
      const { name } = await make();
      await pool.query(
        `INSERT INTO ${name} (handle, value, version, expires_at)
         SELECT 'h' || i, repeat('x', 100), i, ${NOW} + i * 1000 FROM generate_series(1, 20000) i`,
      );
      await pool.query(`ANALYZE ${name}`);
      const { sweep, get, replace } = createStatements(name);
      const plan = async (text: string, values: unknown[]): Promise<string> =>
        JSON.stringify((await pool.query(`EXPLAIN ${text}`, values)).rows);
      const plans = [
        await plan(sweep.text, [NOW + 5000, 1000]),
        await plan(get.text, ["h5"]),
        await plan(replace.text, ["h5", "", 1, NOW, 2]),
      ];
      expect(plans[0]).toContain(`${name}_expires_hour`);
      expect(plans[1]).toContain(`${name}_pkey`);
      expect(plans[2]).toContain(`${name}_pkey`);
      expect(plans.join("")).not.toContain("Seq Scan");
    });
  });
});
