import { onFastify, useSojourn } from "../../hosts/fastify.mjs";
import { createTable, tableStore } from "../../shared/sojourn.mjs";

export const bench = onFastify({
  name: "sojourn, memory table",
  role: "sojourn",
  keeps: "table",
  build: (app) => useSojourn(app, tableStore({ table: createTable() })),
});
