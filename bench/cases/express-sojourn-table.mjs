import { onExpress } from "../hosts.mjs";
import { useOnExpress } from "../sojourn-routes.mjs";
import { createTable, tableStore } from "../sojourn.mjs";

export const bench = onExpress({
  name: "sojourn, memory table",
  role: "sojourn",
  keeps: "table",
  build(app) {
    createTable("bench");
    useOnExpress(app, tableStore({ table: "bench" }));
  },
});
