import type { SessionTable } from "../src/core/store.ts";

/** A real table with some verbs watched or broken. */
export function watched(table: SessionTable, verbs: Partial<SessionTable>): SessionTable {
  return {
    get: (...args) => table.get(...args),
    insert: (...args) => table.insert(...args),
    replace: (...args) => table.replace(...args),
    touch: (...args) => table.touch(...args),
    delete: (...args) => table.delete(...args),
    ...verbs,
  };
}
