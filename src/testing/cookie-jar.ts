import { readSetCookie } from "./read-set-cookie.ts";
import type { KeptCookie } from "./read-set-cookie.ts";

/**
 * The cookies that one browser keeps for one site, by the sessions' clock. A `Domain` tells cookies of one name apart.
 * It is not compared with the host, because a test asks an application on localhost that has its real domain
 * configured.
 */
export class CookieJar {
  readonly #now: () => number;
  readonly #cookies = new Map<string, KeptCookie>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Keeps the Set-Cookie headers that came from `url`. @throws ERR_SESSION_CONFIG if browsers would drop one */
  take(setCookies: readonly string[], url: URL): void {
    for (const text of setCookies) {
      const cookie = readSetCookie(text, url, this.#now());
      const { name, domain = "", path } = cookie;
      const id = [name, domain, path].join(";");
      if (this.#isAlive(cookie)) this.#cookies.set(id, cookie);
      else this.#cookies.delete(id);
    }
  }

  /** Gives the cookies in the order in which a browser sends them: the longest path first. */
  cookies(): readonly KeptCookie[] {
    return [...this.#cookies.values()]
      .filter((cookie) => this.#isAlive(cookie))
      .sort((a, b) => b.path.length - a.path.length);
  }

  /** Writes the Cookie header for a path, or with the cookies of all paths. It is empty if there are none. */
  header(path?: string): string {
    return this.cookies()
      .filter((cookie) => path === undefined || isBelow(path, cookie.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  #isAlive({ expiresAt = Infinity }: KeptCookie): boolean {
    return this.#now() < expiresAt;
  }
}

/** Whether a path matches the path of a cookie: RFC 6265bis 5.1.4. */
function isBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(top.endsWith("/") ? top : `${top}/`);
}
