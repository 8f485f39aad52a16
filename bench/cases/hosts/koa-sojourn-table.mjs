import { onKoa, useSojourn } from "../../hosts/koa.mjs";
import { createTable, tableStore } from "../../shared/sojourn.mjs";

export const bench = onKoa({
  name: "sojourn, memory table",
  role: "sojourn",
  keeps: "table",
  build: (app) => useSojourn(app, tableStore({ table: createTable() })),
});
