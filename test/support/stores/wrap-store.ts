import { SessionStore } from "../../../src/core/store.ts";
import type { SessionBackend, StoreContext } from "../../../src/core/store.ts";

/** The same store, at work through another one. */
export function wrapStore(
  store: SessionStore,
  wrap: (backend: SessionBackend, context: StoreContext) => SessionBackend,
): SessionStore {
  return new SessionStore((context) => wrap(SessionStore.setUp(store, context), context));
}
