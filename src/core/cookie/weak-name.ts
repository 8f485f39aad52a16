import { publish } from "../events.ts";
import type { CookieSettings } from "../types.ts";
import { warnOnce } from "../warn.ts";

export const WEAK_NAME = "SOJOURN_WEAK_NAME";

/** RFC 6265bis 4.1.3.2, and `__Host-Http-` of the layered cookies draft. Browsers ignore the case of a prefix. */
const HOST_PREFIX = /^__Host-/i;

/** Whether a cookie's name lets a neighbouring host set a cookie of that name. */
export function isWeakName(name: string): boolean {
  return !HOST_PREFIX.test(name);
}

/** Whether the attributes of a cookie are those that a `__Host-` name demands, so that it could have one. */
export function isWeakCookie({ path, domain, secure }: CookieSettings): boolean {
  return secure && path === "/" && domain === undefined;
}

/** Says that a cookie which could have a `__Host-` name has none. */
export function tellWeakName(cookieName: string, handle: string | undefined): void {
  publish("weak-name", cookieName, handle, "no-host-prefix");
  warnOnce(
    WEAK_NAME,
    `the session cookie "${cookieName}" has no __Host- name. A neighbouring host, or anybody on a plain http connection, ` +
      `can put a cookie of theirs in its place. Rename it, for example to key: "__Host-session": ` +
      "that signs everybody out once",
  );
}
