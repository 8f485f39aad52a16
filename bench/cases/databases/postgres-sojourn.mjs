import { onNode, useSojourn } from "../../hosts/node.mjs";
import { postgresPool } from "../../shared/database-clients.mjs";
import { load, tableStore } from "../../shared/sojourn.mjs";

export const bench = onNode({
  name: "sojourn, postgresTable",
  role: "sojourn",
  keeps: "table",
  async listener() {
    const { postgresTable } = await load("tables/postgres");
    const table = postgresTable(postgresPool());
    await table.migrate();
    return useSojourn(tableStore({ table }));
  },
});
