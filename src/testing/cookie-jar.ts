import { readSetCookie } from "./read-set-cookie.ts";
import type { KeptCookie } from "./read-set-cookie.ts";

/**
 * What one browser keeps for one site, by the sessions' clock. A `Domain` tells cookies of one name apart and is
 * not compared with the host: an application that is tested on localhost may be configured for its real name.
 */
export class CookieJar {
  readonly #now: () => number;
  readonly #cookies = new Map<string, KeptCookie>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes the Set-Cookie headers in that came from `url`. @throws ERR_SESSION_CONFIG for what browsers drop */
  take(setCookies: readonly string[], url: URL): void {
    for (const text of setCookies) {
      const cookie = readSetCookie(text, url, this.#now());
      const { name, domain = "", path } = cookie;
      const id = [name, domain, path].join(";");
      if (this.#isAlive(cookie)) this.#cookies.set(id, cookie);
      else this.#cookies.delete(id);
    }
  }

  /** The cookies that are there, in the order in which a browser sends them: the longest path first. */
  cookies(): readonly KeptCookie[] {
    return [...this.#cookies.values()]
      .filter((cookie) => this.#isAlive(cookie))
      .toSorted((a, b) => b.path.length - a.path.length);
  }

  /** The Cookie header for a path, or with the cookies of all paths; empty when there are none. */
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

/** RFC 6265bis 5.1.4. */
function isBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(top.endsWith("/") ? top : `${top}/`);
}
