/** The cookie of express-session: the id of a row, and a signature of it. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { KeyLike } from "node:crypto";
import { MAX_CANDIDATES, readCookies } from "../../core/cookie/read-cookies.ts";
import type { SessionRequest } from "./exchanges.ts";

export type Secret = KeyLike;

/** The form in which the cookie leaves, before it is percent-encoded. */
export function sign(id: string, secret: Secret): string {
  return `s:${id}.${signature(id, secret)}`;
}

/** Gives the ids that this application has signed and the request has brought, each once. */
export function presentedIds(
  { headers, signedCookies, cookies }: SessionRequest,
  name: string,
  secrets: readonly Secret[],
): readonly string[] {
  const ids = new Set<string>();
  for (const value of readCookies(headers.cookie, name)) {
    const id = unsign(decode(value), secrets);
    if (id !== undefined && ids.size < MAX_CANDIDATES) ids.add(id);
  }
  if (ids.size > 0) return [...ids];
  // cookie-parser, or who calls the handler without a socket, may have the cookie elsewhere.
  const signed = signedCookies?.[name];
  if (typeof signed === "string" && signed) return [signed];
  const plain = cookies?.[name];
  const id = typeof plain === "string" ? unsign(plain, secrets) : undefined;
  return id === undefined ? [] : [id];
}

/** Gives the id of a cookie that is no longer percent-encoded; `undefined` if none of the secrets has signed it. */
function unsign(value: string, secrets: readonly Secret[]): string | undefined {
  const dot = value.lastIndexOf(".");
  if (!value.startsWith("s:") || dot === -1) return undefined;
  const id = value.slice(2, dot);
  const given = Buffer.from(value.slice(dot + 1));
  const isOurs = secrets.some((secret) => {
    const expected = Buffer.from(signature(id, secret));
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  return isOurs ? id : undefined;
}

function signature(id: string, secret: Secret): string {
  return createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "");
}

function decode(value: string): string {
  if (!value.includes("%")) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
