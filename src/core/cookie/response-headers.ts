import { writeAttributes, writeCookie } from "./set-cookie.ts";
import type { SentCookie } from "./set-cookie.ts";

/**
 * What a response tells caches if its handler has looked at the session and has set no Cache-Control: the option
 * `cacheControl`. With "no-store" the browser keeps no copy either.
 */
export type PageCaching = "private, no-cache" | "no-store";

/** The outcome of a commit, as the response has to show it. */
export interface CommitResult {
  /** The whole `Set-Cookie` value, or `undefined` if the browser's cookie stays as it is. */
  readonly setCookie: string | undefined;
  /** The same in its parts, for a host with a cookie jar. */
  readonly cookie?: SentCookie | undefined;
  /** Cookies of the name with other attributes, which the browser shall forget. Mostly there are none. */
  readonly former?: readonly SentCookie[] | undefined;
  /** Whether the session was stored, changed or ended: what shows it is out of date then. */
  readonly written?: boolean | undefined;
  /**
   * Whether somebody may have logged in or out with that cookie: what the browser has fetched beforehand was made for
   * the user before.
   */
  readonly outdatesPages?: boolean | undefined;
  /** What the page tells caches; absent for the default. */
  readonly pages?: PageCaching | undefined;
}

/** The response headers of a host. The platform's `Headers` have this shape already. */
export interface ResponseHeaders {
  get(name: string): string | null | undefined;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
}

/**
 * Writes a commit into the headers of a response whose handler looked at the session. Other cookies stay. If the
 * response has a cookie of ours, no cache may store it, whatever the handler has set.
 */
export function applyCommitResult(headers: ResponseHeaders, result: CommitResult): void {
  if (result.setCookie === undefined) {
    applyFirstLook(headers, result.pages);
    return;
  }
  varyByCookie(headers);
  // Before the session's own: an old browser takes a host-only cookie and one of that host as its Domain for the same.
  for (const each of result.former ?? []) {
    headers.append("Set-Cookie", writeCookie(each, writeAttributes(each.settings)));
  }
  headers.append("Set-Cookie", result.setCookie);
  if (result.outdatesPages) forgetPages(headers);
  forbidStorage(headers);
}

/**
 * Writes `Vary` and `Cache-Control` at the first look, so that a cache between the middleware and the handler sees them,
 * too. Headers that the handler has set itself stay.
 */
export function applyFirstLook(
  headers: ResponseHeaders,
  pages: PageCaching = "private, no-cache",
): void {
  varyByCookie(headers);
  if (!headers.get("Cache-Control")) headers.set("Cache-Control", pages);
}

/** Whether headers have all that {@link applyFirstLook} would write. */
export function isPrivate(headers: Pick<ResponseHeaders, "get">): boolean {
  return COVERED.test(headers.get("Vary") ?? "") && Boolean(headers.get("Cache-Control"));
}

/** A `Cache-Control` with which no shared cache stores the response: RFC 9111, 3.5 and 5.2.2. */
const UNSHARED = /(?:^|,)[ \t]*(?:private|no-store)[ \t]*(?:[,=]|$)/i;

/** Whether a shared cache may keep a response with this `Cache-Control`, which may be missing. */
export function isShareable(cacheControl: string | null | undefined): boolean {
  return !cacheControl || !UNSHARED.test(cacheControl);
}

/**
 * Writes the same headers for a handler that may look at the session while it streams, when the head has left. Nothing
 * is written if the handler has set Cache-Control itself, or a Content-Length, because the body is then complete.
 */
export function applyLateLook(headers: ResponseHeaders, pages?: PageCaching): void {
  if (!headers.get("Cache-Control") && !headers.get("Content-Length")) {
    applyFirstLook(headers, pages);
  }
}

/** Headers that tell caches to store, and win over Cache-Control: RFC 9213, Edge Architecture, nginx. */
const TARGETED = [
  "CDN-Cache-Control",
  "Cloudflare-CDN-Cache-Control",
  "Vercel-CDN-Cache-Control",
  "Netlify-CDN-Cache-Control",
  "Surrogate-Control",
] as const;

/** RFC 9111 5.2.2.6. `no-transform` says nothing of storage, and keeps compressors away from event streams. */
const NO_TRANSFORM = /(?:^|,)[ \t]*no-transform[ \t]*(?:,|$)/i;

function forbidStorage(headers: ResponseHeaders): void {
  const isFixed = NO_TRANSFORM.test(headers.get("Cache-Control") ?? "");
  headers.set("Cache-Control", isFixed ? "no-store, no-transform" : "no-store");
  for (const name of TARGETED) if (headers.get(name)) headers.set(name, "no-store");
  if (headers.get("X-Accel-Expires")) headers.set("X-Accel-Expires", "0");
}

/** Pages that the browser has fetched ahead by speculation rules. It shows them whatever cookie has changed since. */
const FETCHED_AHEAD = '"prefetchCache", "prerenderCache"';

function forgetPages(headers: ResponseHeaders): void {
  const own = headers.get("Clear-Site-Data");
  headers.set("Clear-Site-Data", own ? `${own}, ${FETCHED_AHEAD}` : FETCHED_AHEAD);
}

/** A list of header names with `Cookie` or `*` in it. */
const COVERED = /(?:^|,)[ \t]*(?:cookie|\*)[ \t]*(?:,|$)/i;

function varyByCookie(headers: ResponseHeaders): void {
  const vary = headers.get("Vary");
  if (!vary) {
    headers.set("Vary", "Cookie");
    return;
  }
  if (COVERED.test(vary)) return;
  // Some caches read only the first Vary, so that ours is added to its line.
  headers.set("Vary", `${vary}, Cookie`);
}
