import { Cookie } from "./cookie.ts";
import type { SessionRequest } from "./exchanges.ts";
import type { DropInOptions } from "./options.ts";

/**
 * Whether a request came over https.
 * @param proxy the option: whether the X-Forwarded-Proto header is believed. `undefined` leaves that to Express
 */
export function isSecure(req: SessionRequest, proxy: boolean | undefined): boolean {
  if ("encrypted" in req.socket && req.socket.encrypted) return true;
  if (proxy === false) return false;
  if (proxy !== true) return req.secure === true;
  const header = req.headers["x-forwarded-proto"];
  const first = String(header ?? "").split(",", 1)[0] ?? "";
  return first.trim().toLowerCase() === "https";
}

/** Whether a request is below the path of the cookie. Browsers send no cookie elsewhere. */
export function isBelow(req: SessionRequest, path: string | undefined): boolean {
  const url = req.originalUrl ?? req.url ?? "";
  // The form of a request to a proxy has the origin in front of the path.
  const target = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(url)?.[0] ?? "";
  const pathname = url.slice(target.length).replace(/[?#].*$/s, "") || "/";
  return pathname.startsWith(path || "/");
}

/** Makes the cookie of a new session, whose attributes may depend on the request. */
export function newCookie({ cookieOptions, proxy }: DropInOptions, req: SessionRequest): Cookie {
  const given = cookieOptions(req);
  const cookie = new Cookie(given);
  if (given.secure === "auto") cookie.secure = isSecure(req, proxy);
  if (given.sameSite === "auto") cookie.sameSite = isSecure(req, proxy) ? "none" : "lax";
  return cookie;
}
