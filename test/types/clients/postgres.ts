/** The clients of PostgreSQL fit as they are. */
import { PGlite } from "@electric-sql/pglite";
import pg, { Client, Pool, type PoolClient } from "pg";
import postgres from "postgres";
import { tableStore } from "sojourn";
import { postgresTable, type PostgresTable } from "sojourn/postgres";
import { exactly } from "../exactly.ts";

const table = postgresTable(new Pool());
exactly<typeof table, PostgresTable>(true);
tableStore({ table });
const migrated: Promise<void> = table.migrate();
postgresTable(new Pool({ connectionString: process.env["DATABASE_URL"], max: 10 }));
postgresTable(new pg.Pool(), { table: "app.sessions" });
postgresTable(new Client());
declare const client: PoolClient;
postgresTable(client, { prepare: false });

postgresTable(postgres());
postgresTable(postgres("postgres://localhost", { types: { bigint: postgres.BigInt } }));
declare const sql: postgres.Sql;
postgresTable(sql, { table: undefined, prepare: undefined });

postgresTable(new PGlite());
PGlite.create({ dataDir: "memory://" }).then((each) => postgresTable(each));

// @ts-expect-error: an address is no client
postgresTable("postgres://localhost");
// @ts-expect-error: neither is a promise of one
postgresTable(PGlite.create());
// @ts-expect-error: nor anything else that is called so
postgresTable(new Map());
// @ts-expect-error: no such option
postgresTable(new Pool(), { schema: "app" });

migrated.catch(() => {});
