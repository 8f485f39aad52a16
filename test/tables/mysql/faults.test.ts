import { createPool } from "mysql2/promise";
import { describe } from "vitest";
import { mysqlTable } from "../../../src/tables/mysql.ts";
import { testFaults } from "../../support/servers/faults.ts";
import { hasMariadb, startMariadb } from "../../support/servers/mariadb.ts";

describe.skipIf(!hasMariadb)("MariaDB by mysql2 with faults", () => {
  testFaults({
    name: "mysql2",
    givesUp: false,
    start: () => startMariadb(),
    async open(port, patience) {
      const pool = createPool({
        uri: `mysql://root@127.0.0.1:${port}/sojourn`,
        connectTimeout: patience,
        connectionLimit: 10,
      });
      const table = mysqlTable(pool);
      await table.migrate();
      // A connection that has stalled never says goodbye: it ends with the proxy.
      return { table, close: () => void pool.end().catch(() => {}) };
    },
  });
});
