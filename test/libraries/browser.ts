/** A browser: it keeps cookies, follows redirects if it is told to, and tells what it is answered. */
import { CookieJar } from "tough-cookie";

export interface Ask {
  readonly method?: string;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  /** Nothing of the answer is told, because it is new in each run. Its status is. */
  readonly quiet?: boolean;
}

export interface Page {
  readonly status: number;
  readonly text: string;
  readonly location: string;
}

export class Browser {
  readonly #jar = new CookieJar();
  readonly #origin: string;
  readonly #tell: (line: string) => void;

  constructor(origin: string, tell: (line: string) => void) {
    this.#origin = origin;
    this.#tell = tell;
  }

  get(path: string, ask: Ask = {}): Promise<Page> {
    return this.ask(path, ask);
  }

  post(path: string, form: Readonly<Record<string, string>> = {}, ask: Ask = {}): Promise<Page> {
    return this.ask(path, { method: "POST", form, ...ask });
  }

  async ask(path: string, { form, quiet, headers, body, method = "GET" }: Ask): Promise<Page> {
    const url = new URL(path, this.#origin).href;
    const cookie = await this.cookies(url);
    const answer = await fetch(url, {
      method,
      redirect: "manual",
      headers: { ...headers, ...(cookie && { cookie }) },
      ...(body !== undefined && { body }),
      ...(form && { body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      await this.#jar.setCookie(line, url, { ignoreError: true });
    }
    const text = await answer.text();
    const location = answer.headers.get("location") ?? "";
    if (url.startsWith(this.#origin)) {
      const where = location && ` to ${placeOf(location, url, this.#origin)}`;
      const page = quiet || location ? "" : ` ${text}`;
      this.#tell(`${method} ${placeOf(url, url, this.#origin)}: ${answer.status}${where}${page}`);
    }
    return { status: answer.status, text, location: location && new URL(location, url).href };
  }

  /** Follows the redirects of a page, also to other servers and back. */
  async follow(page: Page): Promise<Page> {
    let last = page;
    while (last.location) last = await this.get(last.location);
    return last;
  }

  cookies(url = this.#origin): Promise<string> {
    return this.#jar.getCookieString(url);
  }
}

/** Where an address leads: other servers have another port in each run, and a query may be new in each. */
function placeOf(location: string, base: string, origin: string): string {
  const url = new URL(location, base);
  const names = [...new Set(url.searchParams.keys())].toSorted();
  const query = names.length > 0 ? `?${names.join("&")}` : "";
  const path = `${url.pathname}${query}`;
  return url.origin === origin ? path : `elsewhere ${path}`;
}
