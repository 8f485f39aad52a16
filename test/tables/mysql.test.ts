/** The table of MySQL and MariaDB over a real server: contract, store, round trips, set-up. */
import { randomBytes } from "node:crypto";
import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import type { Pool } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mysqlTable } from "../../src/tables/mysql.ts";
import type { MysqlClient } from "../../src/tables/mysql.ts";
import { NOW, newKey, row } from "../../src/testing/contract/case.ts";
import { tableContract } from "../../src/testing/contract/table-contract.ts";
import { testRoundTrips } from "../contracts/tables/round-trips.ts";
import { testTable } from "../contracts/tables/whole-table.ts";
import { requireBuilt } from "../setup/project.ts";
import { runNode } from "../setup/run.ts";
import { QUICK, hasMariadb, startMariadb } from "../support/servers/mariadb.ts";
import type { MariadbServer } from "../support/servers/mariadb.ts";
import { contractChild } from "../support/tables/contract-child.ts";

const table = `test_${randomBytes(8).toString("hex")}`;

describe.skipIf(!hasMariadb)("the MySQL table over MariaDB", () => {
  let server: MariadbServer;
  let pool: Pool;
  let second: Pool;
  beforeAll(async () => {
    server = await startMariadb(QUICK);
    pool = createPool({ uri: server.url });
    second = createPool({ uri: server.url });
    await mysqlTable(pool, { table }).migrate();
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await second?.end();
    await server?.stop();
  });

  const open = async () => {
    await pool.query(`DELETE FROM ${table}`);
    return {
      table: mysqlTable(pool, { table }),
      other: mysqlTable(second, { table }),
      child: contractChild("mysql", server.url, table),
    };
  };
  testTable(open, {
    failing() {
      const own = createPool({ uri: server.url });
      return { table: mysqlTable(own, { table }), fail: () => own.end() };
    },
  });

  testRoundTrips({
    url: () => server.url,
    async count(url) {
      const counted = createPool({ uri: url, connectionLimit: 1 });
      const close = async (): Promise<void> => counted.end();
      // A sweep would be a trip of its own.
      return { table: { ...mysqlTable(counted, { table }), sweep: async () => 0 }, close };
    },
    elsewhere: () => mysqlTable(pool, { table }),
    conflict: 3,
  });

  it.each<[name: string, options: object]>([
    ["without the flag FOUND_ROWS", { flags: ["-FOUND_ROWS"] }],
    ["that gives rows as arrays", { rowsAsArray: true }],
    ["that gives large numbers as text", { supportBigNumbers: true, bigNumberStrings: true }],
    ["with named placeholders", { namedPlaceholders: true }],
  ])("the table keeps its contract by a client %s", async (_name, options) => {
    const other = createPool({ uri: server.url, ...options });
    const cases = tableContract(() => ({ table: mysqlTable(other, { table }) }));
    for (const [title, run] of cases) if (!/sweep|1,000,000/.test(title)) await run();
    await other.end();
  });

  it.each(["READ UNCOMMITTED", "READ COMMITTED", "SERIALIZABLE"])(
    "the table loses nothing and refuses nothing if transactions are %s by default",
    async (isolation) => {
      const own = createCallbackPool({ uri: server.url });
      own.on("connection", (connection) => {
        connection.query(`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation}`);
      });
      for (const [title, run] of tableContract(() => ({ table: mysqlTable(own, { table }) }))) {
        if (/many|beside|same time/.test(title)) await run();
      }
      await own.promise().end();
    },
  );

  it("the table is what npx sojourn ddl mysql prints, and migrate may run again", async () => {
    requireBuilt();
    const { code, stdout } = await runNode(["dist/cli/main.js", "ddl", "mysql", "printed"]);
    expect(code).toBe(0);
    await pool.query(stdout);
    await mysqlTable(pool, { table }).migrate();
    const made = async (name: string): Promise<string> => {
      const [rows] = await pool.query(`SHOW CREATE TABLE ${name}`);
      return String(Object.values((rows as object[])[0] ?? {})[1]).replaceAll(name, "t");
    };
    expect(await made("printed")).toBe(await made(table));
  });

  it("L2: an answer to another question is an error, and not a session that is gone", async () => {
    const mixed: MysqlClient = {
      execute: (sql, values) =>
        pool.execute(sql, sql.startsWith("SELECT") ? [newKey(), ...values.slice(1)] : values),
    };
    const key = newKey();
    await mysqlTable(pool, { table }).insert(key, row("a", 1), NOW);
    await expect(mysqlTable(mixed, { table }).get(key)).rejects.toThrow(/another question/);
    await expect(mysqlTable(mixed, { table }).delete(key, 2)).rejects.toThrow(/another question/);
  });

  it("L21: an error of the client tells nothing of the row", async () => {
    const missing = mysqlTable(pool, { table: "nowhere" });
    const error = await Promise.resolve(missing.insert(newKey(), row("4111", 1), NOW)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify([error, Object.values(error as object)])).not.toContain("4111");
  });
});

describe("the set-up of a MySQL table", () => {
  const config = expect.objectContaining({ code: "ERR_SESSION_CONFIG" });

  it("mysqlTable refuses what is no pool of mysql2, and says what to pass", () => {
    const others: unknown[] = [
      undefined,
      null,
      "mysql://localhost",
      {},
      () => {}, // Knex
      { query() {} }, // mysql, TypeORM, Sequelize
      { execute() {}, batch() {} }, // MariaDB's own connector
    ];
    for (const other of others) {
      expect(() => mysqlTable(other as MysqlClient)).toThrow(config);
      expect(() => mysqlTable(other as MysqlClient)).toThrow(/createPool/);
    }
  });

  it("mysqlTable refuses options that it does not know, and names that are none", () => {
    const client: MysqlClient = { execute: async () => [[]] };
    expect(() => mysqlTable(client, { prefix: "a" } as object)).toThrow(config);
    for (const name of ["", "a b", "a`", "a.b.c", "ä", "a".repeat(51)]) {
      expect(() => mysqlTable(client, { table: name })).toThrow(config);
    }
  });
});
