/** The table of sessions and the schema push, sync or update of an ORM: the table and its rows stay. */
import { randomBytes } from "node:crypto";
import process from "node:process";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { NOW, newKey, row } from "../../../src/testing/contract/case.ts";
import { PUSHES } from "../../support/orms/push.mjs";
import { hasPostgres, somePostgres } from "../../support/servers/postgres.ts";
import { until } from "../../support/servers/servers.ts";
import type { PostgresServer } from "../../support/servers/postgres.ts";

const isNewer = Number(process.versions.node.split(".")[0]) >= 22;
const CASES = PUSHES.filter(({ onNewerNode = false }) => isNewer || !onNewerNode);

describe.skipIf(!hasPostgres)("the schema push of an ORM", () => {
  let server: PostgresServer;
  let admin: Pool;
  beforeAll(async () => {
    server = await somePostgres();
    admin = new Pool({ connectionString: server.url });
  });
  afterAll(async () => {
    await admin?.end();
    await server?.stop();
  });

  /** Does something in a database of its own, in which a table of sessions has a row. */
  async function inDatabase(
    task: (url: string) => Promise<void>,
  ): Promise<{ before: unknown; after: unknown; tables: unknown }> {
    const name = `orm_${randomBytes(8).toString("hex")}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const pool = new Pool({ connectionString: url.href });
    const table = postgresTable(pool);
    await table.migrate();
    await table.insert(newKey(), row("a", 1), NOW);
    const before = await describeTable(pool);
    await task(url.href);
    const after = await describeTable(pool);
    const { rows } = await pool.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    await pool.end();
    // The server takes its time to notice that a connection has gone.
    await until("the end of the connections", () => admin.query(`DROP DATABASE ${name}`));
    return { before, after, tables: rows.map((each) => each.name) };
  }

  describe.each(CASES)("the schema push of $name", ({ push, keeps, removes }) => {
    it.each(keeps)(
      "the table of sessions keeps its rows, columns and indexes if the ORM is told %s",
      async (told) => {
        const { before, after, tables } = await inDatabase((url) => push(url, told));
        expect(after).toEqual(before);
        expect(tables).toEqual(expect.arrayContaining(["users", "sojourn_sessions"]));
      },
      60_000,
    );

    it.runIf(removes)(
      "the table of sessions goes if the ORM is told nothing, as the page warns",
      async () => {
        const { tables } = await inDatabase((url) => push(url, "nothing"));
        expect(tables).toContain("users");
        expect(tables).not.toContain("sojourn_sessions");
      },
      60_000,
    );
  });
});

async function describeTable(pool: Pool): Promise<unknown> {
  const { rows: columns } = await pool.query<object>(
    `SELECT column_name, data_type, is_nullable, collation_name, generation_expression,
       (SELECT array_agg(indexdef ORDER BY indexdef) FROM pg_indexes WHERE tablename = table_name) AS indexes,
       (SELECT reloptions FROM pg_class WHERE relname = table_name) AS options
     FROM information_schema.columns WHERE table_name = 'sojourn_sessions' ORDER BY ordinal_position`,
  );
  if (columns.length === 0) return columns;
  const { rows } = await pool.query<object>("SELECT * FROM sojourn_sessions");
  return { columns, rows };
}
