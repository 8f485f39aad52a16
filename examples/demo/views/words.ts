/** Times and cookies in words. */
import { parseSetCookie } from "cookie";

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const UNITS = [
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** Such as "in 30 minutes". */
export function fromNow(time: number, now: number): string {
  const away = time - now;
  for (const [unit, length] of UNITS) {
    if (Math.abs(away) >= length) return RELATIVE.format(Math.round(away / length), unit);
  }
  return "just now";
}

/** Such as "14:03:22 UTC". */
export function clock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 19)} UTC`;
}

/** One attribute of a cookie as it was sent, and what it does. */
export type Attribute = readonly [attribute: string, meaning: string];

/** The attributes of a Set-Cookie header. */
export function attributesOf(header: string): readonly Attribute[] {
  const { path, httpOnly, secure, sameSite, maxAge } = parseSetCookie(header);
  const attributes: Attribute[] = [];
  if (path) attributes.push([`Path=${path}`, "sent to every page of this site"]);
  if (httpOnly) attributes.push(["HttpOnly", "hidden from scripts"]);
  if (secure) attributes.push(["Secure", "sent over https, or to localhost"]);
  if (sameSite === "lax") {
    attributes.push(["SameSite=Lax", "not sent with forms of other sites"]);
  }
  if (maxAge === undefined) attributes.push(["no Max-Age", "kept until the browser closes"]);
  return attributes;
}

/** Whether a Set-Cookie header tells the browser to forget the cookie. */
export function clears(header: string): boolean {
  return parseSetCookie(header).maxAge === 0;
}

/** What a step did to the browser's cookie. */
export function cookieNews(sent: string | undefined): string {
  if (sent === undefined) return "cookie unchanged";
  return clears(sent) ? "cookie cleared" : "cookie sent";
}
