import { onNode, useSojourn } from "../../hosts/node.mjs";
import { redisClient } from "../../shared/database-clients.mjs";
import { load, tableStore } from "../../shared/sojourn.mjs";

export const bench = onNode({
  name: "sojourn, redisTable",
  role: "sojourn",
  keeps: "table",
  async listener() {
    const { redisTable } = await load("tables/redis");
    return useSojourn(tableStore({ table: redisTable(await redisClient()) }));
  },
});
