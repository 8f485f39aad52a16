/** What a commit means for the answer. */
export interface CommitResult {
  /** The whole `Set-Cookie` value, or `undefined` when the browser's cookie stays as it is. */
  readonly setCookie: string | undefined;
}

/** A host's response headers. The `Headers` of the platform fit as they are. */
export interface ResponseHeaders {
  get(name: string): string | null | undefined;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
}

/**
 * Writes a commit into the response's headers, for a response whose handler looked at the session.
 * Cookies of others stay; with a cookie of ours nothing may be stored, whatever the handler set.
 */
export function applyCommitResult(headers: ResponseHeaders, result: CommitResult): void {
  if (result.setCookie === undefined) {
    applyFirstLook(headers);
    return;
  }
  varyByCookie(headers);
  headers.append("Set-Cookie", result.setCookie);
  forbidStorage(headers);
}

/**
 * Writes what a response needs whose handler looks at the session: at the first look, so that a cache between the
 * middleware and the handler sees it, too. What the handler sets itself stays.
 */
export function applyFirstLook(headers: ResponseHeaders): void {
  varyByCookie(headers);
  if (!headers.get("Cache-Control")) headers.set("Cache-Control", "private, no-cache");
}

/** Whether headers have all that {@link applyFirstLook} would write. */
export function isPrivate(headers: Pick<ResponseHeaders, "get">): boolean {
  return COVERED.test(headers.get("Vary") ?? "") && Boolean(headers.get("Cache-Control"));
}

/** A `Cache-Control` that keeps shared caches off: RFC 9111, 3.5 and 5.2.2. */
const UNSHARED = /(?:^|,)[ \t]*(?:private|no-store)[ \t]*(?:[,=]|$)/i;

/** Whether a shared cache may keep a response with this `Cache-Control`, which may be missing. */
export function isShareable(cacheControl: string | null | undefined): boolean {
  return !cacheControl || !UNSHARED.test(cacheControl);
}

/**
 * Writes what a response needs whose handler may look at the session when the head has left: while it streams. Where it
 * has set Cache-Control itself, or a Content-Length, with which the body was there, nothing is written.
 */
export function applyLateLook(headers: ResponseHeaders): void {
  if (!headers.get("Cache-Control") && !headers.get("Content-Length")) applyFirstLook(headers);
}

/** What tells caches to store, beside Cache-Control, and wins over it: RFC 9213, Edge Architecture, nginx. */
const TARGETED = [
  "CDN-Cache-Control",
  "Cloudflare-CDN-Cache-Control",
  "Vercel-CDN-Cache-Control",
  "Netlify-CDN-Cache-Control",
  "Surrogate-Control",
] as const;

/** RFC 9111 5.2.2.6: says nothing of storage. It keeps compressors off event streams. */
const NO_TRANSFORM = /(?:^|,)[ \t]*no-transform[ \t]*(?:,|$)/i;

function forbidStorage(headers: ResponseHeaders): void {
  const isFixed = NO_TRANSFORM.test(headers.get("Cache-Control") ?? "");
  headers.set("Cache-Control", isFixed ? "no-store, no-transform" : "no-store");
  for (const name of TARGETED) if (headers.get(name)) headers.set(name, "no-store");
  if (headers.get("X-Accel-Expires")) headers.set("X-Accel-Expires", "0");
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
  // One line, not a second one: some caches read only the first.
  headers.set("Vary", `${vary}, Cookie`);
}
