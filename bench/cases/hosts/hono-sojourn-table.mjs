import { onHono, useSojourn } from "../../hosts/hono.mjs";
import { createTable, tableStore } from "../../shared/sojourn.mjs";

export const bench = onHono({
  name: "sojourn, memory table",
  role: "sojourn",
  keeps: "table",
  build: (app) => useSojourn(app, tableStore({ table: createTable() })),
});
