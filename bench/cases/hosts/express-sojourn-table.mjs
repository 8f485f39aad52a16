import { onExpress, useSojourn } from "../../hosts/express.mjs";
import { createTable, tableStore } from "../../shared/sojourn.mjs";

export const bench = onExpress({
  name: "sojourn, memory table",
  role: "sojourn",
  keeps: "table",
  build: (app) => useSojourn(app, tableStore({ table: createTable() })),
});
