import { CookieJar } from "tough-cookie";

/** An answer, as far as these tests look at it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly location: string | null;
  readonly setCookie: readonly string[];
  readonly headers: Headers;
}

/** A browser in front of a server: what it is sent, it keeps and offers, as browsers do. */
export class Browser {
  readonly jar: CookieJar = new CookieJar();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Follows no redirect. With `cookie`, that header goes instead of what the jar has. */
  async send(
    method: string,
    path: string,
    { cookie, ...init }: RequestInit & { readonly cookie?: string } = {},
  ): Promise<Answer> {
    const url = new URL(path, this.#origin).href;
    const headers = new Headers(init.headers);
    const offered = cookie ?? (await this.jar.getCookieString(url));
    if (offered) headers.set("cookie", offered);
    const response = await fetch(url, { ...init, method, headers, redirect: "manual" });
    const setCookie = response.headers.getSetCookie();
    for (const line of setCookie) await this.jar.setCookie(line, url);
    return {
      status: response.status,
      body: await response.text(),
      location: response.headers.get("location"),
      setCookie,
      headers: response.headers,
    };
  }

  /** The value of a cookie that it would offer for `/`. */
  cookie(name: string): string | undefined {
    return this.jar.getCookiesSync(`${this.#origin}/`).find(({ key }) => key === name)?.value;
  }
}
