import type { FoundSession, Refused, StoredSession } from "../core/store.ts";

/** What had to be opened to be found, or was refused without a question. */
export class Opened implements FoundSession {
  readonly #result: StoredSession | Refused;

  constructor(result: StoredSession | Refused) {
    this.#result = result;
  }

  open(): StoredSession | Refused {
    return this.#result;
  }
}
