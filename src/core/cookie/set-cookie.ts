import { configError, describe } from "../errors.ts";
import type { SessionError } from "../errors.ts";
import type { CookieSettings } from "../types.ts";

/** RFC 6265bis 5.7: browsers ignore a cookie whose name and value are longer than this, in bytes. */
export const MAX_COOKIE = 4096;
/** RFC 6265bis 5.7: browsers ignore an attribute whose value is longer than this, in bytes. */
const MAX_ATTRIBUTE = 1024;
/** RFC 6265bis 5.5: browsers shorten a Max-Age that is longer than this, in seconds. */
const MAX_AGE = 400 * 24 * 60 * 60;

const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/; // RFC 9110 5.6.2
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/; // no `;`, no control character, ASCII only
const SAME_SITE = { strict: "Strict", lax: "Lax", none: "None" } as const;

/** The attributes that a cookie has if no option says otherwise. */
export const DEFAULT_COOKIE: CookieSettings = {
  path: "/",
  domain: undefined,
  secure: true,
  httpOnly: true,
  sameSite: "lax",
  partitioned: false,
  persist: false,
};

/** The longest name, in characters. It leaves room for a session in the value. */
const MAX_NAME = 256;

/** @throws ERR_SESSION_CONFIG if this cannot be the name of a session cookie */
export function checkCookieName(name: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw configError(
      `key must be the name of the session cookie, got ${describe(name)}; for example key: "__Host-session"`,
    );
  }
  if (name.length > MAX_NAME) {
    throw configError(
      `key is the cookie's name, ${MAX_NAME} characters at most, got ${name.length}`,
    );
  }
  if (!TOKEN.test(name)) {
    throw configError(
      `key is the cookie's name and may hold letters, digits and !#$%&'*+-.^_\`|~ only, got ${describe(name)}`,
    );
  }
}

/**
 * Refuses attributes with which a browser would drop the cookie.
 * @param fail makes the error: a mistake in the options and one in `configure` have different codes
 */
export function checkCookieSettings(
  name: string,
  settings: CookieSettings,
  fail: (message: string) => SessionError,
): void {
  const { path, domain, secure, httpOnly, sameSite, partitioned, persist } = settings;
  for (const [option, value] of Object.entries({ secure, httpOnly, partitioned, persist })) {
    if (typeof value !== "boolean") {
      throw fail(`${option} must be true or false, got ${describe(value)}`);
    }
  }
  if (typeof path !== "string" || !path.startsWith("/") || !isAttribute(path)) {
    throw fail(
      `path must start with "/" and hold no ";" or control character, got ${describe(path)}`,
    );
  }
  if (domain !== undefined && (typeof domain !== "string" || !domain || !isAttribute(domain))) {
    throw fail(
      `domain must be a host name without ";" or control characters, got ${describe(domain)}`,
    );
  }
  if (typeof sameSite !== "string" || !Object.hasOwn(SAME_SITE, sameSite)) {
    throw fail(`sameSite must be "strict", "lax" or "none", got ${describe(sameSite)}`);
  }
  if (!secure && sameSite === "none") {
    throw fail(`sameSite "none" needs secure: true: browsers drop the cookie otherwise`);
  }
  if (!secure && partitioned) {
    throw fail("partitioned needs secure: true: browsers drop the cookie otherwise");
  }
  checkPrefix(name, settings, fail);
}

/** RFC 6265bis 4.1.3, and `__Http-` of the layered cookies draft. Browsers ignore the case of a prefix. */
function checkPrefix(
  name: string,
  { path, domain, secure, httpOnly }: CookieSettings,
  fail: (message: string) => SessionError,
): void {
  const prefix = /^__(host-http|host|http|secure)-/i.exec(name)?.[1]?.toLowerCase();
  if (!prefix) return;
  if (!secure) throw fail(`a cookie called ${name} needs secure: true`);
  if (prefix.endsWith("http") && !httpOnly) {
    throw fail(`a cookie called ${name} needs httpOnly: true`);
  }
  if (prefix.startsWith("host") && (path !== "/" || domain !== undefined)) {
    throw fail(
      `a cookie called ${name} needs path: "/" and no domain, got path ${describe(path)} and domain ${describe(domain)}`,
    );
  }
}

function isAttribute(value: string): boolean {
  return value.length <= MAX_ATTRIBUTE && ATTRIBUTE.test(value);
}

/** Writes the attributes as they stand in a Set-Cookie header, all but Max-Age and Expires. */
export function writeAttributes(settings: CookieSettings): string {
  let text = `; Path=${settings.path}`;
  if (settings.domain !== undefined) text += `; Domain=${settings.domain}`;
  if (settings.httpOnly) text += "; HttpOnly";
  if (settings.secure) text += "; Secure";
  text += `; SameSite=${SAME_SITE[settings.sameSite]}`;
  if (settings.partitioned) text += "; Partitioned";
  return text;
}

/** A cookie that is sent, in its parts. */
export interface SentCookie {
  readonly name: string;
  /** Empty for a cookie that the browser shall forget. */
  readonly value: string;
  readonly settings: CookieSettings;
  /** When the browser forgets it; `undefined` for when it is closed. */
  readonly end: CookieEnd | undefined;
}

/** The end of a cookie, once in seconds from now and once as a date: Java wants the second. */
export interface CookieEnd {
  readonly maxAge: number;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** The end that makes a browser forget a cookie. */
export const FORGET: CookieEnd = { maxAge: 0, expires: 0 };

/** The end of a cookie that outlives the browser. Both in milliseconds since the epoch. */
export function endAt(deadline: number, now: number): CookieEnd {
  const maxAge = Math.min(Math.max(0, Math.floor((deadline - now) / 1000)), MAX_AGE);
  return { maxAge, expires: now + maxAge * 1000 };
}

/**
 * The whole value of a Set-Cookie header.
 * @param attributes the cookie's settings, as {@link writeAttributes} writes them
 */
export function writeCookie({ name, value, end }: SentCookie, attributes: string): string {
  if (!end) return `${name}=${value}${attributes}`;
  const expires = new Date(end.expires).toUTCString();
  return `${name}=${value}; Max-Age=${end.maxAge}; Expires=${expires}${attributes}`;
}
