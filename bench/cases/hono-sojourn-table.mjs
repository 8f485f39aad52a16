import { onHono } from "../hosts.mjs";
import { useOnHono } from "../sojourn-routes.mjs";
import { createTable, tableStore } from "../sojourn.mjs";

export const bench = onHono({
  name: "sojourn, memory table",
  role: "sojourn",
  keeps: "table",
  build(app) {
    createTable("bench");
    useOnHono(app, tableStore({ table: "bench" }));
  },
});
