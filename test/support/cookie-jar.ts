import { Cookie } from "tough-cookie";
import { confideCookies } from "./leaks.ts";

interface Kept {
  readonly cookie: Cookie;
  readonly receivedAt: number;
}

/**
 * What one browser keeps for one site, by the test's clock. It does no matching of hosts and paths: every
 * cookie goes with every request.
 */
export class CookieJar {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes in Set-Cookie values. A cookie is the same when name, domain and path are (RFC 6265 5.3). */
  take(setCookies: readonly string[]): void {
    for (const text of confideCookies(setCookies)) {
      const cookie = Cookie.parse(text);
      if (!cookie) throw new Error(`a browser would not take ${JSON.stringify(text)}`);
      const id = [cookie.key, cookie.domain ?? "", cookie.path ?? ""].join(";");
      this.#kept.set(id, { cookie, receivedAt: this.#now() });
    }
  }

  /** The cookies that have not expired. */
  get cookies(): readonly Cookie[] {
    return [...this.#kept.values()]
      .filter(({ cookie, receivedAt }) => {
        const end = cookie.expiryTime(new Date(receivedAt));
        return end === undefined || end > this.#now();
      })
      .map(({ cookie }) => cookie);
  }

  /** The Cookie header of the next request; `undefined` when there is nothing to send. */
  get header(): string | undefined {
    return this.cookies.map(({ key, value }) => `${key}=${value}`).join("; ") || undefined;
  }

  /** The value of the first cookie of a name. */
  value(name: string): string | undefined {
    return this.cookies.find(({ key }) => key === name)?.value;
  }

  /** Loses everything, as a browser that is closed; persistent cookies stay. */
  endBrowsing(): void {
    for (const [id, { cookie }] of this.#kept) {
      if (cookie.maxAge === null && cookie.expires === "Infinity") this.#kept.delete(id);
    }
  }
}
