import type { SessionTable } from "../../../src/core/store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { verbsOf } from "./async-table.ts";

/** A table in memory for `revocations`, which refuses one that says so. The process of a test outlives its sessions. */
export function lasting(table: SessionTable = createTable()): SessionTable {
  return verbsOf(table, { sweep: async (now) => (await table.sweep?.(now)) ?? 0 });
}
