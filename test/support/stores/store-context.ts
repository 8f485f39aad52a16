import { readOptions } from "../../../src/core/options/read-options.ts";
import type { StoreContext } from "../../../src/core/store.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { wrapStore } from "./wrap-store.ts";

/** What `createSessions` passes to its store, for these options. */
export function storeContext(
  options: Partial<SessionOptions> & Pick<SessionOptions, "now">,
): StoreContext {
  const found: StoreContext[] = [];
  const store = tableStore({ table: createTable() });
  readOptions<Record<string, unknown>>({
    key: "session",
    ...options,
    store: wrapStore(store, (backend, context) => {
      found.push(context);
      return backend;
    }),
  });
  const [context] = found;
  if (!context) throw new Error("the store was not set up");
  return context;
}
