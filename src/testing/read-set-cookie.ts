import { configError } from "../core/errors.ts";
import type { SessionError } from "../core/errors.ts";
import { MAX_COOKIE, checkCookieSettings } from "../core/cookie/set-cookie.ts";
import type { CookieSettings } from "../core/types.ts";
import { isLocalHost } from "./local-host.ts";

/** A cookie as a browser keeps it. */
export interface KeptCookie extends Omit<CookieSettings, "persist" | "partitioned"> {
  readonly name: string;
  readonly value: string;
  /** Milliseconds since the epoch; `undefined` if the cookie ends with the browser. */
  readonly expiresAt: number | undefined;
}

/** The control characters that no header may hold: all but the tab (RFC 6265bis 5.6). */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
/** The prefix for which the attribute `Path` must be there, even if the default path is `/`. */
const HOST_PREFIX = /^__host-/i;

/**
 * Reads a Set-Cookie header as a browser does that got it from `url` (RFC 6265bis 5.6 and 5.7).
 * @throws ERR_SESSION_CONFIG if browsers would drop the cookie in silence, so that the test fails instead
 */
export function readSetCookie(text: string, url: URL, now: number): KeptCookie {
  const [pair = "", ...rest] = text.split(";");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, Math.max(0, equals)).trim();
  const value = pair.slice(equals + 1).trim();
  const fail = (why: string): SessionError =>
    configError(`${url.pathname} set the cookie "${name}", which browsers drop: ${why}`);
  if (name === "") throw fail("it has no name");
  if (CONTROL.test(text)) throw fail("it holds a control character");
  const size = Buffer.byteLength(name) + Buffer.byteLength(value);
  if (size > MAX_COOKIE) throw fail(`it has ${size} bytes with its name, and ${MAX_COOKIE} is all`);

  const attributes = readAttributes(rest);
  const path = attributes.get("path");
  const cookie = {
    name,
    value,
    path: path?.startsWith("/") ? path : defaultPath(url.pathname),
    domain: attributes.get("domain")?.replace(/^\./, "").toLowerCase() || undefined,
    secure: attributes.has("secure"),
    httpOnly: attributes.has("httponly"),
    sameSite: readSameSite(attributes.get("samesite")),
    expiresAt: readExpiry(attributes, now),
  };
  const partitioned = attributes.has("partitioned");
  const stated = HOST_PREFIX.test(name) ? { path: path ?? "" } : {};
  checkCookieSettings(name, { ...cookie, ...stated, partitioned, persist: false }, fail);
  if (cookie.secure && url.protocol !== "https:" && !isLocalHost(url.host)) {
    throw fail(`it is Secure and came over plain http from ${url.host}; use https, or localhost`);
  }
  return cookie;
}

/** Reads the attributes by lower-case name. The last one of a name counts. */
function readAttributes(parts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    parts.map((part) => {
      const [name = "", ...value] = part.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
}

/** Reads the end of the cookie. Max-Age wins over Expires, and a value that cannot be read counts as missing. */
function readExpiry(attributes: ReadonlyMap<string, string>, now: number): number | undefined {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1000;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? undefined : expires;
}

function readSameSite(value: string | undefined): KeptCookie["sameSite"] {
  const sameSite = value?.toLowerCase();
  return sameSite === "strict" || sameSite === "none" ? sameSite : "lax";
}

/** Gives the default path of RFC 6265bis 5.1.4: the path up to its last slash, without the slash. */
function defaultPath(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
