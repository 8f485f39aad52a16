import { onH3, useSojourn } from "../../hosts/h3.mjs";
import { createTable, tableStore } from "../../shared/sojourn.mjs";

export const bench = onH3({
  name: "sojourn, memory table",
  role: "sojourn",
  keeps: "table",
  build: (app) => useSojourn(app, tableStore({ table: createTable() })),
});
