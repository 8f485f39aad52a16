import type { FoundSession, Refused, StoredSession } from "../core/store.ts";

/** A session that the store had to open to find it, or a cookie that it refused without asking its table. */
export class Opened implements FoundSession {
  readonly #result: StoredSession | Refused;

  constructor(result: StoredSession | Refused) {
    this.#result = result;
  }

  open(): StoredSession | Refused {
    return this.#result;
  }
}
