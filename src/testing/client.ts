import { configError, usageError } from "../core/errors.ts";
import { INSECURE_TRANSPORT } from "../core/cookie/insecure-transport.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { Session, Sessions } from "../core/types.ts";
import { withhold } from "../core/warn.ts";
import { CookieJar } from "./cookie-jar.ts";
import type { KeptCookie } from "./read-set-cookie.ts";
import { signIn, signOut } from "./sign-in.ts";
import type { SignInData } from "./sign-in.ts";
import { readTarget } from "./target.ts";
import type { Target, TestTarget } from "./target.ts";

/** A cookie as Playwright's `context.addCookies` and Puppeteer's `setCookie` take it. */
export interface BrowserCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  /** Seconds since the epoch; -1 if the cookie ends with the browser. */
  readonly expires: number;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: "Strict" | "Lax" | "None";
}

/** A client of an application, with a cookie jar of its own. */
export interface TestClient<Data extends object = Record<string, unknown>> {
  /**
   * Signs in: stores a new session that holds `data`, as the application would, and takes its cookie. It ends the
   * session that the client had before. Gives the client itself.
   * @throws ERR_SESSION_USE if there is no data, and the errors of `put` and of the store
   */
  as(data: SignInData<Data>): Promise<this>;
  /**
   * Sends a request to the application, as the standard `fetch` does. It sends the jar's cookies and those of
   * `init.headers`, and keeps the cookies of the answer in the jar. It does not follow redirects.
   * @throws ERR_SESSION_CONFIG if the answer sets a cookie that browsers would drop
   */
  fetch(path: string | URL, init?: RequestInit & { redirect?: "manual" }): Promise<Response>;
  /** Reads the client's session as it is stored; empty if there is none. The read does not keep the session alive. */
  session(): Promise<Session<Data>>;
  /** Gives the Cookie header that the client would send to a path; empty if it has no cookie. Default path `"/"`. */
  cookieHeader(path?: string): string;
  /** Gives the cookies of the jar, for a browser. */
  cookies(): BrowserCookie[];
  /** Stops the server that the client has started. The process can end without this call, too. */
  close(): Promise<void>;
}

/**
 * Makes a client for tests of an application that uses `sessions`. It needs no server of your own: `await
 * testClient(sessions, app).as({ user_id: "u1" })` is signed in. Its cookies end by the clock of `sessions`.
 * @throws ERR_SESSION_CONFIG if it cannot ask the application
 * @example
 * ```ts
 * import { session } from "sojourn/fetch";
 * import { testClient } from "sojourn/testing";
 *
 * const app = { fetch: session(sessions, () => new Response("hello")) };
 * const client = await testClient(sessions, app).as({ user_id: "u1" });
 * const answer = await client.fetch("/");
 * ```
 */
export function testClient<Data extends object>(
  sessions: Sessions<Data>,
  app: TestTarget,
): TestClient<Data> {
  withhold(INSECURE_TRANSPORT); // This client keeps Secure cookies of localhost.
  return new Client(sessions, readTarget(app));
}

class Client<Data extends object> implements TestClient<Data> {
  readonly #sessions: Sessions<Data>;
  readonly #target: Target;
  readonly #jar: CookieJar;

  constructor(sessions: Sessions<Data>, target: Target) {
    this.#sessions = sessions;
    this.#target = target;
    this.#jar = new CookieJar(hostSessionsOf(sessions).now);
  }

  async as(data: SignInData<Data>): Promise<this> {
    const { base } = this.#target;
    const cleared = await signOut(this.#sessions, this.#jar.header());
    if (cleared !== undefined) this.#jar.take([cleared], base);
    this.#jar.take([await signIn(this.#sessions, data)], base);
    return this;
  }

  async fetch(path: string | URL, init: RequestInit = {}): Promise<Response> {
    const { base } = this.#target;
    const url = new URL(path, base);
    if (url.protocol !== base.protocol || url.hostname !== base.hostname) {
      throw usageError(
        `this client's cookies are for ${base.origin}, not for ${url.origin}; pass a path`,
      );
    }
    if ((init.redirect ?? "manual") !== "manual") {
      throw usageError("a test client does not follow redirects; fetch the answer's Location");
    }
    const headers = new Headers(init.headers);
    const cookies = [this.#jar.header(url.pathname), headers.get("cookie")].filter(Boolean);
    if (cookies.length > 0) headers.set("cookie", cookies.join("; "));
    const response = await this.#target.send(url, { ...init, headers, redirect: "manual" });
    if (typeof response?.headers?.getSetCookie !== "function") {
      throw configError(`${url.pathname} was answered with no Response`);
    }
    this.#jar.take(response.headers.getSetCookie(), url);
    return response;
  }

  session(): Promise<Session<Data>> {
    return this.#sessions.read({ cookie: this.#jar.header() });
  }

  cookieHeader(path = "/"): string {
    return this.#jar.header(path);
  }

  cookies(): BrowserCookie[] {
    return this.#jar.cookies().map((cookie) => forBrowser(cookie, this.#target.base.hostname));
  }

  close(): Promise<void> {
    return this.#target.close();
  }
}

const SAME_SITE = { strict: "Strict", lax: "Lax", none: "None" } as const;

function forBrowser(cookie: KeptCookie, hostname: string): BrowserCookie {
  const { name, value, domain, path, expiresAt, httpOnly, secure, sameSite } = cookie;
  return {
    name,
    value,
    domain: domain === undefined ? hostname : `.${domain}`,
    path,
    expires: expiresAt === undefined ? -1 : Math.floor(expiresAt / 1000),
    httpOnly,
    secure,
    sameSite: SAME_SITE[sameSite],
  };
}
