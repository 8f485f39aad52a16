import { now } from "./clock.ts";

/** The attributes of a session's cookie, as express-session keeps them in a row. */
export interface CookieData {
  readonly originalMaxAge: number | null;
  readonly partitioned: boolean | undefined;
  readonly priority: "low" | "medium" | "high" | undefined;
  readonly expires: Date | null | undefined;
  readonly secure: boolean | undefined;
  readonly httpOnly: boolean | undefined;
  readonly domain: string | undefined;
  readonly path: string | undefined;
  readonly sameSite: boolean | "lax" | "strict" | "none" | undefined;
}

/** The cookie of one session: `req.session.cookie`. */
export class Cookie {
  path: string | undefined = "/";
  httpOnly: boolean | undefined = true;
  declare domain?: string;
  declare secure?: boolean;
  declare sameSite?: CookieData["sameSite"];
  declare partitioned?: boolean;
  declare priority?: CookieData["priority"];
  _expires: Date | null | undefined = null;
  originalMaxAge: number | null = null;

  constructor(options?: object) {
    if (!options) return;
    if (typeof options !== "object") throw new TypeError("argument options must be a object");
    let own: unknown;
    for (const [name, value] of Object.entries(options)) {
      if (name === "originalMaxAge") own = value;
      else if (name !== "data") Reflect.set(this, name, value);
    }
    if (typeof own === "number") this.originalMaxAge = own;
  }

  set expires(date: Date | null | undefined) {
    this._expires = date;
    this.originalMaxAge = this.maxAge;
  }

  get expires(): Date | null | undefined {
    return this._expires;
  }

  set maxAge(given: number | Date | null | undefined) {
    if (given && typeof given !== "number" && !(given instanceof Date)) {
      throw new TypeError("maxAge must be a number or Date");
    }
    this.expires = typeof given === "number" ? new Date(now() + given) : given;
  }

  get maxAge(): number | null {
    return this.expires instanceof Date ? this.expires.valueOf() - now() : null;
  }

  get data(): CookieData {
    return {
      originalMaxAge: this.originalMaxAge,
      partitioned: this.partitioned,
      priority: this.priority,
      expires: this._expires,
      secure: this.secure,
      httpOnly: this.httpOnly,
      domain: this.domain,
      path: this.path,
      sameSite: this.sameSite,
    };
  }

  /** Gives the value of a Set-Cookie header. @throws TypeError if an attribute cannot stand in one */
  serialize(name: string, value: string): string {
    const { domain, path, expires, httpOnly, secure, partitioned, priority, sameSite } = this.data;
    let text = `${name}=${encodeURIComponent(value)}`;
    if (domain) text += `; Domain=${checked("domain", domain)}`;
    if (path) text += `; Path=${checked("path", path)}`;
    if (expires) text += `; Expires=${dateOf(expires)}`;
    if (httpOnly) text += "; HttpOnly";
    if (secure) text += "; Secure";
    if (partitioned) text += "; Partitioned";
    if (priority) text += `; Priority=${wordOf("priority", priority, PRIORITIES)}`;
    if (sameSite === true) text += "; SameSite=Strict";
    else if (sameSite) text += `; SameSite=${wordOf("sameSite", sameSite, SAME_SITES)}`;
    return text;
  }

  toJSON(): CookieData {
    return this.data;
  }
}

/** Makes the cookie of a session from what its row keeps. An attribute of a wrong shape counts as none. */
export function cookieFrom(stored: object): Cookie {
  const cookie = new Cookie();
  for (const [name, kept] of Object.entries(stored)) {
    const value: unknown = ENDS.has(name) && typeof kept === "string" ? new Date(kept) : kept;
    const fits = FITS.get(name) ?? (() => !(name in cookie));
    if (fits(value)) Reflect.set(cookie, name, value);
  }
  const { originalMaxAge } = stored as { readonly originalMaxAge?: unknown };
  const isNone = originalMaxAge !== undefined && !isAge(originalMaxAge);
  cookie.originalMaxAge = isNone ? null : (originalMaxAge as number);
  return cookie;
}

function isAge(value: unknown): boolean {
  return typeof value === "number" && isDate(new Date(now() + value));
}

function isDate(value: unknown): boolean {
  return !value || (value instanceof Date && Number.isFinite(value.valueOf()));
}

function isText(value: unknown): boolean {
  return !value || (typeof value === "string" && ATTRIBUTE.test(value));
}

function isWord(value: unknown, words: Readonly<Record<string, string>>): boolean {
  return !value || (typeof value === "string" && Object.hasOwn(words, value.toLowerCase()));
}

const PRIORITIES = { low: "Low", medium: "Medium", high: "High" };
const SAME_SITES = { lax: "Lax", strict: "Strict", none: "None" };
/** When a cookie ends. JSON has it as text. */
const ENDS: ReadonlySet<string> = new Set(["expires", "_expires"]);
const FITS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["path", isText],
  ["domain", isText],
  ["expires", isDate],
  ["_expires", isDate],
  ["maxAge", isAge],
  ["originalMaxAge", isAge],
  ["secure", () => true],
  ["httpOnly", () => true],
  ["partitioned", () => true],
  ["priority", (value) => isWord(value, PRIORITIES)],
  ["sameSite", (value) => value === true || isWord(value, SAME_SITES)],
]);
const ATTRIBUTE = /^[\x20-\x3A\x3C-\x7E]*$/;

function checked(name: string, value: unknown): string {
  if (typeof value === "string" && ATTRIBUTE.test(value)) return value;
  throw new TypeError(`option ${name} is invalid`);
}

function dateOf(value: unknown): string {
  if (value instanceof Date && Number.isFinite(value.valueOf())) return value.toUTCString();
  throw new TypeError("option expires is invalid");
}

function wordOf(name: string, value: unknown, words: Readonly<Record<string, string>>): string {
  const word = typeof value === "string" ? words[value.toLowerCase()] : undefined;
  if (word === undefined) throw new TypeError(`option ${name} is invalid`);
  return word;
}
