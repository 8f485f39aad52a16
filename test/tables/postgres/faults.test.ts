import { describe } from "vitest";
import { postgresTable } from "../../../src/tables/postgres.ts";
import { testFaults } from "../../support/servers/faults.ts";
import { POSTGRES_CLIENTS } from "../../support/servers/postgres-clients.ts";
import { hasOwnPostgres, startPostgres } from "../../support/servers/postgres.ts";

describe.skipIf(!hasOwnPostgres).each(POSTGRES_CLIENTS)(
  "PostgreSQL by %s with faults",
  (name, openClient) => {
    testFaults({
      name,
      givesUp: name === "pg",
      start: () => startPostgres(),
      async open(port, patience) {
        const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
        const { client, close } = await openClient(url, patience);
        const table = postgresTable(client);
        await table.migrate();
        return { table, close };
      },
    });
  },
);
