import { createConnection, createPool } from "mysql2/promise";
import type { Connection } from "mysql2/promise";
import { describe } from "vitest";
import { mysqlTable } from "../../../src/tables/mysql.ts";
import { testNoRefusal, testRefusals } from "../../contracts/tables/refusals.ts";
import type { RefusalCase, Refusing } from "../../contracts/tables/refusals.ts";
import { hasMariadb, startMariadb } from "../../support/servers/mariadb.ts";
import { Proxy } from "../../support/servers/proxy.ts";

interface RefusingMariadb extends Refusing {
  /** The owner's connection. The table's client is another user. */
  readonly owner: Connection;
}

type Refuse = RefusalCase<RefusingMariadb>[1];

const statements =
  (refuse: string, allow: string): Refuse =>
  async ({ owner }) => {
    await owner.query(refuse);
    return () => owner.query(allow);
  };

/** The row is locked by another transaction. */
const locked: Refuse = async ({ owner }, handle) => {
  await owner.query("BEGIN");
  await owner.query("SELECT 1 FROM sojourn_sessions WHERE handle = ? FOR UPDATE", [handle]);
  return () => owner.query("ROLLBACK");
};

/** The server raises the error at the write, as it would by itself. */
const raised = (number: number): Refuse =>
  statements(
    `CREATE TRIGGER fail BEFORE UPDATE ON sojourn_sessions FOR EACH ROW
       SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${number}, MESSAGE_TEXT = 'raised'`,
    "DROP TRIGGER fail",
  );

const CASES: readonly RefusalCase<RefusingMariadb>[] = [
  [
    "being read-only",
    statements("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0"),
    { errno: 1290 },
  ],
  [
    "a right that is missing",
    statements(
      "REVOKE UPDATE ON sojourn_sessions FROM app",
      "GRANT UPDATE ON sojourn_sessions TO app",
    ),
    { errno: 1142 },
  ],
  [
    "a table that is missing",
    statements("RENAME TABLE sojourn_sessions TO other", "RENAME TABLE other TO sojourn_sessions"),
    { errno: 1146 },
  ],
  ["a lock that lasts too long", locked, { errno: 1205 }],
  ["a full disk", raised(1021), { errno: 1021 }],
  ["a full table", raised(1114), { errno: 1114 }],
];

describe.skipIf(!hasMariadb)("MariaDB by mysql2, which refuses", () => {
  const opening = (settings: readonly string[]) => async (): Promise<RefusingMariadb> => {
    const own = await startMariadb(settings);
    const owner = await createConnection({ uri: own.url, multipleStatements: true });
    await mysqlTable(owner).migrate();
    await owner.query(
      "CREATE USER app; GRANT SELECT, INSERT, UPDATE, DELETE ON sojourn_sessions TO app",
    );
    const proxy = await Proxy.before(own.port);
    const pool = createPool({ uri: `mysql://app@127.0.0.1:${proxy.port}/sojourn` });
    return {
      table: mysqlTable(pool),
      calls: proxy,
      owner,
      async close() {
        await pool.end();
        await owner.end();
        await proxy.close();
        await own.stop();
      },
    };
  };
  testRefusals(opening(["innodb_lock_wait_timeout=1"]), CASES);
  testRefusals(opening(["max_statement_time=0.3"]), [
    ["a statement that lasts too long", locked, { errno: 1969 }],
  ]);
  testNoRefusal(opening([]), ["an error of another number", raised(1030), { errno: 1030 }]);
});
