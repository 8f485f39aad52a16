import type { Awaitable } from "../awaitable.ts";

/** What one request has asked of a store for its cookies, so that several cookies of one session cost one read. */
export class Asked {
  readonly #answers = new Map<string, unknown>();

  /** @param key names the question */
  once<T>(key: string, ask: () => Awaitable<T>): Awaitable<T> {
    if (this.#answers.has(key)) return this.#answers.get(key) as Awaitable<T>;
    const answer = ask();
    this.#answers.set(key, answer);
    return answer;
  }
}
