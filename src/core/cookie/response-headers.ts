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
export function applyCommitResult(headers: ResponseHeaders, outcome: CommitResult): void {
  varyByCookie(headers);
  if (outcome.setCookie !== undefined) {
    headers.append("Set-Cookie", outcome.setCookie);
    headers.set("Cache-Control", "no-store");
    return;
  }
  if (!headers.get("Cache-Control")) headers.set("Cache-Control", "private, no-cache");
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
