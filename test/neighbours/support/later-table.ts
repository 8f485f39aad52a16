import type { SessionTable } from "../../../src/core/store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";

/** A table that answers as a database does, after 2 to 25 ms: the same delays in each run. */
export function laterTable(): SessionTable {
  const table = createTable();
  let seed = 20_301;
  const delay = (): Promise<void> => {
    seed = (seed * 48_271) % 2_147_483_647;
    return new Promise((done) => setTimeout(done, 2 + (seed % 24)));
  };
  return {
    get: (...args) => delay().then(() => table.get(...args)),
    insert: (...args) => delay().then(() => table.insert(...args)),
    replace: (...args) => delay().then(() => table.replace(...args)),
    touch: (...args) => delay().then(() => table.touch(...args)),
    delete: (...args) => delay().then(() => table.delete(...args)),
  };
}
