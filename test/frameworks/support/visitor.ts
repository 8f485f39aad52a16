/** A visitor without a script: pages, forms and cookies over plain HTTP. */
import { setTimeout as wait } from "node:timers/promises";
import { CookieJar } from "../../../src/testing/cookie-jar.ts";

export const COOKIE = "__Host-session";

/** An answer, as the checks look at it. */
export class Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;

  constructor(response: Response, text: string) {
    this.status = response.status;
    this.headers = response.headers;
    this.text = text;
  }

  /** The Set-Cookie headers of the session. */
  get cookies(): readonly string[] {
    return this.headers.getSetCookie().filter((each) => each.startsWith(`${COOKIE}=`));
  }

  /** The text of an element. Comments, which React puts between texts, do not count. */
  byId(id: string): string | undefined {
    const found = new RegExp(`<(\\w+)[^>]*\\bid="${id}"[^>]*>(.*?)</\\1>`, "s").exec(this.text);
    return found?.[2]
      ?.replace(/<!--.*?-->/gs, "")
      .replace(/<[^>]+>/g, " ")
      .trim();
  }

  json(): unknown {
    return JSON.parse(this.text);
  }
}

export class Visitor {
  readonly #url: string;
  readonly #jar = new CookieJar(() => Date.now());

  constructor(url: string) {
    this.#url = url;
  }

  get cookie(): string {
    return this.#jar.header("/");
  }

  /** Another visitor of the same application. */
  async another(): Promise<Visitor> {
    return new Visitor(this.#url);
  }

  get(path: string, cookie?: string): Promise<Reply> {
    return this.send(path, { method: "GET" }, cookie);
  }

  post(path: string, cookie?: string): Promise<Reply> {
    return this.send(path, { method: "POST" }, cookie);
  }

  async send(path: string, init: RequestInit, cookie: string = this.cookie): Promise<Reply> {
    const url = new URL(path, this.#url);
    const headers = new Headers(init.headers);
    headers.set("origin", url.origin);
    headers.set("accept", "text/html");
    headers.set("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0");
    if (cookie !== "") headers.set("cookie", cookie);
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    const reply = new Reply(response, await response.text());
    if (cookie === this.cookie) this.#jar.take(response.headers.getSetCookie(), url);
    return reply;
  }

  /** Posts a form of the start page, as a browser does that runs no script. */
  async submit(id: string, fields: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const page = await this.get("/");
    const [, attributes = "", inner = ""] =
      new RegExp(`<form([^>]*\\bid="${id}"[^>]*)>(.*?)</form>`, "s").exec(page.text) ?? [];
    if (attributes === "")
      throw new Error(`the page has no form ${id}: ${page.text.slice(0, 500)}`);
    const body = new FormData();
    for (const [input] of inner.matchAll(/<input[^>]*>/g)) {
      const name = attribute(input, "name");
      if (name !== undefined) body.set(name, fields[name] ?? attribute(input, "value") ?? "");
    }
    const action = attribute(attributes, "action") ?? "";
    const isMultipart = /multipart/i.test(attribute(attributes, "encType") ?? "");
    const plain = new URLSearchParams();
    for (const [name, value] of body) plain.set(name, String(value));
    return this.send(action === "" ? "/" : action, {
      method: "POST",
      body: isMultipart ? body : plain,
    });
  }

  /** Signs in by the form, and gives the answer to it. */
  logIn(name: string): Promise<Reply> {
    return this.submit("login", { name });
  }

  /** Lets hours pass for the application. */
  async pass(hours: number): Promise<void> {
    await this.post(`/api/clock?hours=${hours}`, "");
    await wait(0);
  }
}

function attribute(text: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\b${name}="([^"]*)"`, "i").exec(text) ?? [];
  return value?.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&amp;", "&");
}
