/** Sessions for the tests that one host has for itself. */
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { sealedCookie } from "./stores.ts";
import type { Bench, StoreKind } from "./stores.ts";
import { freshKey } from "./world.ts";
import type { Data } from "./world.ts";

/** In a sealed cookie, where a test does not care. */
export function newSessions(
  store: SessionStore = sealedCookie.open().store,
  key: string = freshKey(),
): Sessions<Data> {
  return createSessions<Data>({ store, key });
}

export interface Opened extends Bench {
  readonly key: string;
  readonly sessions: Sessions<Data>;
}

export function openSessions(kind: StoreKind): Opened {
  const bench = kind.open();
  const key = freshKey();
  return { ...bench, key, sessions: newSessions(bench.store, key) };
}
