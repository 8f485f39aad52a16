/** The PostgreSQL table over a real server, by each client: contract, store, round trips. */
import { randomBytes } from "node:crypto";
import { Client, Pool } from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresTable } from "../../src/tables/postgres.ts";
import type { PostgresTableOptions } from "../../src/tables/postgres.ts";
import { NOW, newKey, row } from "../../src/testing/contract/case.ts";
import { tableContract } from "../../src/testing/contract/table-contract.ts";
import { testRoundTrips } from "../contracts/tables/round-trips.ts";
import { testTable } from "../contracts/tables/whole-table.ts";
import { hasPostgres, somePostgres } from "../support/servers/postgres.ts";
import type { PostgresServer } from "../support/servers/postgres.ts";
import { POSTGRES_CLIENTS, openPg, openPglite } from "../support/servers/postgres-clients.ts";
import type { OpenPostgresClient } from "../support/servers/postgres-clients.ts";
import { contractChild } from "../support/tables/contract-child.ts";

const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });
const table = `test_${randomBytes(8).toString("hex")}`;

describe.skipIf(!hasPostgres)("the PostgreSQL table", () => {
  let server: PostgresServer;
  let admin: OpenPostgresClient;
  beforeAll(async () => {
    server = await somePostgres();
    admin = await openPg(server.url);
    await postgresTable(admin.client, { table }).migrate();
  });
  afterAll(async () => {
    await admin?.run(`DROP TABLE ${table}`);
    await admin?.close();
    await server?.stop();
  });

  describe.each(POSTGRES_CLIENTS)("PostgreSQL by %s", (_name, openClient) => {
    let opened: OpenPostgresClient;
    let second: OpenPostgresClient;
    beforeAll(async () => {
      opened = await openClient(server.url);
      second = await openClient(server.url);
    });
    afterAll(async () => {
      await opened?.close();
      await second?.close();
    });
    const open = async () => {
      await admin.run(`TRUNCATE ${table}`);
      return {
        table: postgresTable(opened.client, { table }),
        other: postgresTable(second.client, { table }),
        child: contractChild("postgres", server.url, table),
        sendsAgain: true,
      };
    };

    testTable(open, {
      async failing() {
        const { client, close } = await openClient(server.url);
        return { table: postgresTable(client, { table }), fail: close };
      },
    });

    testRoundTrips({
      url: () => server.url,
      async count(url) {
        const { client, close } = await openOne(openClient, url);
        // A sweep would be a trip of its own.
        return { table: { ...postgresTable(client, { table }), sweep: async () => 0 }, close };
      },
      elsewhere: () => postgresTable(opened.client, { table }),
    });
  });

  it.each(["repeatable read", "serializable"])(
    "the table loses nothing and refuses nothing if transactions are %s by default",
    async (isolation) => {
      const client = new Pool({
        connectionString: server.url,
        options: `-c default_transaction_isolation=${isolation.replace(" ", "\\ ")}`,
      });
      for (const [title, run] of tableContract(() => ({
        table: postgresTable(client, { table }),
        sendsAgain: true,
      }))) {
        if (/many|beside|same time/.test(title)) await run();
      }
      await client.end();
    },
  );

  it.each<PostgresTableOptions>([{ prepare: true }, { prepare: false }])(
    "the option %o decides whether statements are prepared",
    async ({ prepare }) => {
      const names = `SELECT name FROM pg_prepared_statements WHERE statement LIKE '%"${table}"%'`;
      const client = new Client({ connectionString: server.url });
      await client.connect();
      const own = postgresTable(client, { table, prepare });
      const key = newKey();
      await own.insert(key, row("a", 1), NOW);
      expect(await own.get(key)).toEqual(row("a", 1));
      const { rows } = await client.query(names);
      expect(rows).toHaveLength(prepare === false ? 0 : 2);
      await client.end();

      const sql = postgres(server.url, { max: 1 });
      const other = postgresTable(sql, { table, prepare });
      expect(await other.get(key)).toEqual(row("a", 1));
      const prepared = await sql.unsafe(names, [], { prepare: false });
      expect(prepared).toHaveLength(prepare === false ? 0 : 1);
      await sql.end();
    },
  );

  it.each([postgres.camel, postgres.toPascal, { column: (name: string) => name.toUpperCase() }])(
    "the table reads what postgres.js gives with bigint and columns renamed by %o",
    async (transform) => {
      const stored = row("text ä", 2 ** 53 - 1);
      const sql = postgres(server.url, {
        types: { bigint: postgres.BigInt },
        transform,
      });
      const own = postgresTable(sql, { table });
      const key = newKey();
      expect(await own.insert(key, stored, NOW)).toBe(true);
      expect(await own.insert(key, stored, NOW)).toBe(false);
      expect(await own.get(key)).toEqual(stored);
      expect(await own.replace(key, 1, stored, NOW)).toEqual(stored);
      expect(await own.delete(key)).toBe("done");
      await sql.end();
    },
  );
});

describe("the PostgreSQL table by PGlite", () => {
  let opened: OpenPostgresClient;
  beforeAll(async () => {
    opened = await openPglite("");
    const own = postgresTable(opened.client, { table });
    await own.migrate();
    await own.migrate();
  });
  afterAll(() => opened?.close());
  const open = async () => {
    await opened.run(`TRUNCATE ${table}`);
    return { table: postgresTable(opened.client, { table }), sendsAgain: true };
  };

  testTable(open, {
    sequences: 20,
    async failing() {
      const { client, close } = await openPglite("");
      const own = postgresTable(client, { table });
      await own.migrate();
      return { table: own, fail: close };
    },
    // It is a database of one process, which has one connection.
    notShown: ["second handle", "several processes", "killed", "restart"],
  });
});

describe("postgresTable", () => {
  const client = {
    query: (): never => {
      throw new Error("nobody has used a session yet");
    },
  };

  it("postgresTable calls no method of the client", () => {
    expect(() => postgresTable(client)).not.toThrow();
  });

  it.each([undefined, null, "postgres://localhost", {}, () => {}, new Map()])(
    "postgresTable refuses %o, which is no client",
    (wrong) => {
      expect(() => postgresTable(wrong as never)).toThrow(config);
    },
  );

  it("postgresTable refuses the shapes of Drizzle and Sequelize, and a driver over HTTP", () => {
    expect(() => postgresTable(Object.assign({ authenticate: true }, client))).toThrow(
      /a Sequelize/,
    );
    expect(() => postgresTable({ query: {} } as never)).toThrow(config);
    expect(() => postgresTable(Object.assign(() => {}, { unsafe: client.query }) as never)).toThrow(
      config,
    );
  });

  it.each([
    { table: "" },
    { table: "Sessions" },
    { table: 'sessions"; DROP TABLE users; --' },
    { table: "a.b.c" },
    { table: "1st" },
    { table: "x".repeat(51) },
    { table: null },
    { prepare: "no" },
    { schema: "app" },
  ])("postgresTable refuses the options %o", (options) => {
    expect(() => postgresTable(client, options as never)).toThrow(config);
  });
});

/** A client with one connection, so that its statements are prepared once. */
async function openOne(openClient: typeof openPg, url: string): Promise<OpenPostgresClient> {
  const name = POSTGRES_CLIENTS.find(([, each]) => each === openClient)?.[0];
  if (name === "pg") {
    const client = new Pool({ connectionString: url, max: 1 });
    return { client, errors: [], run: async () => [], close: () => client.end() };
  }
  const client = postgres(url, { max: 1 });
  return { client, errors: [], run: async () => [], close: () => client.end() };
}
