import { isPending } from "../../../src/core/awaitable.ts";
import type { Refused, SessionBackend, StoredSession } from "../../../src/core/store.ts";

/** Finds and opens the session under a cookie, in a store that answers at once. */
export function openNow(
  backend: SessionBackend,
  cookie: string,
  at: number,
): StoredSession | Refused {
  const found = backend.find(cookie);
  if (isPending(found)) throw new Error("the store made a promise");
  return found.open(at);
}

/** The same, in any store. */
export async function openSoon(
  backend: SessionBackend,
  cookie: string,
  at: number,
): Promise<StoredSession | Refused> {
  return (await backend.find(cookie)).open(at);
}
