/** Cookies that are remembered; with more, all are forgotten. */
const REMEMBERED = 500;

/**
 * What cookies came to, so that a browser's next request costs less. By the whole value, so that only who has the
 * cookie finds it; what may change meanwhile, such as deadlines and rights, is judged at each load.
 */
export class OpenedCookies<T> {
  readonly #opened = new Map<string, T>();

  find(cookie: string): T | undefined {
    return this.#opened.get(cookie);
  }

  remember(cookie: string, opened: T): void {
    if (this.#opened.size >= REMEMBERED) this.#opened.clear();
    this.#opened.set(cookie, opened);
  }
}
