import { Client } from "pg";
import { describe } from "vitest";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { testNoRefusal, testRefusals } from "../../contracts/tables/refusals.ts";
import type { RefusalCase, Refusing } from "../../contracts/tables/refusals.ts";
import type { PgClient, PostgresJsClient } from "../../../src/tables/postgres.ts";
import { POSTGRES_CLIENTS } from "../../support/servers/postgres-clients.ts";
import type { OpenPostgresClient } from "../../support/servers/postgres-clients.ts";
import { hasOwnPostgres, startPostgres } from "../../support/servers/postgres.ts";

interface RefusingPostgres extends Refusing {
  /** Its owner's connection. The table's client is another user. */
  readonly owner: Client;
}

type Refuse = RefusalCase<RefusingPostgres>[1];

/** The client, whose statements are counted. */
function counted(
  client: OpenPostgresClient["client"],
  calls: { trips: number },
): OpenPostgresClient["client"] {
  if (typeof client !== "function") {
    const pool = client as PgClient;
    const query: PgClient["query"] = (asked) => (calls.trips++, pool.query(asked));
    return { query };
  }
  const sql: PostgresJsClient = client;
  const unsafe: PostgresJsClient["unsafe"] = (...query) => (calls.trips++, sql.unsafe(...query));
  return Object.assign(() => {}, { unsafe, begin: () => {} });
}

const statements =
  (refuse: string, allow: string): Refuse =>
  async ({ owner }) => {
    await owner.query(refuse);
    return () => owner.query(allow);
  };

/** A setting of the table's user for the connections that it has. */
const setting =
  (name: string, value: string): Refuse =>
  async ({ owner }) => {
    const change = async (text: string): Promise<void> => {
      await owner.query(text);
      await owner.query("SELECT pg_reload_conf()");
      // The other connections take the setting over when they have read it, which is before they answer again.
      await owner.query("SELECT pg_sleep(0.1)");
    };
    await change(`ALTER SYSTEM SET ${name} = ${value}`);
    return () => change(`ALTER SYSTEM RESET ${name}`);
  };

/** The row is locked by another transaction, for longer than a setting allows. */
const locked =
  (limit: Refuse): Refuse =>
  async (opened, handle) => {
    const { owner } = opened;
    const lift = await limit(opened, handle);
    await owner.query("BEGIN");
    await owner.query("SELECT 1 FROM sojourn_sessions WHERE handle = $1 FOR UPDATE", [handle]);
    return async () => {
      await owner.query("ROLLBACK");
      await lift();
    };
  };

/** The server raises the error at the write, as it would by itself. */
const raised = (code: string): Refuse =>
  statements(
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = '${code}'; END $$;
     CREATE TRIGGER fail BEFORE UPDATE ON sojourn_sessions FOR EACH ROW EXECUTE FUNCTION fail()`,
    "DROP FUNCTION fail CASCADE",
  );

const CASES: readonly RefusalCase<RefusingPostgres>[] = [
  ["being read-only", setting("default_transaction_read_only", "on"), { code: "25006" }],
  [
    "a right that is missing",
    statements(
      "REVOKE UPDATE ON sojourn_sessions FROM app",
      "GRANT UPDATE ON sojourn_sessions TO app",
    ),
    { code: "42501" },
  ],
  [
    "a table that is missing",
    statements(
      "ALTER TABLE sojourn_sessions RENAME TO other",
      "ALTER TABLE other RENAME TO sojourn_sessions",
    ),
    { code: "42P01" },
  ],
  ["a lock that lasts too long", locked(setting("lock_timeout", "100")), { code: "55P03" }],
  [
    "a statement that lasts too long",
    locked(setting("statement_timeout", "100")),
    { code: "57014" },
  ],
  ["a full disk", raised("53100"), { code: "53100" }],
  ["a full memory", raised("53200"), { code: "53200" }],
];

describe.skipIf(!hasOwnPostgres).each(POSTGRES_CLIENTS)(
  "PostgreSQL by %s, which refuses",
  (_name, openClient) => {
    const open = async (): Promise<RefusingPostgres> => {
      const own = await startPostgres();
      const owner = new Client({ connectionString: own.url });
      await owner.connect();
      await postgresTable(owner).migrate();
      // What the cases set is for the table's client.
      await owner.query(
        "SET statement_timeout = 0; SET lock_timeout = 0; SET default_transaction_read_only = off",
      );
      await owner.query("CREATE ROLE app LOGIN; GRANT ALL ON sojourn_sessions TO app");
      const { client, close } = await openClient(`postgres://app@127.0.0.1:${own.port}/postgres`);
      const calls = { trips: 0 };
      return {
        table: postgresTable(counted(client, calls)),
        calls,
        owner,
        async close() {
          await close();
          await owner.end();
          await own.stop();
        },
      };
    };
    testRefusals(open, CASES);
    testNoRefusal(open, ["a server that shuts down", raised("57P01"), { code: "57P01" }]);
  },
);
