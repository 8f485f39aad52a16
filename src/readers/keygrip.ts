import type { OldCookies } from "../core/cookie/old-session.ts";
import { isSigned } from "./cookies.ts";

/** The name of the cookie that signs another one, as the packages cookies and keygrip write it. */
export function signatureName(name: string): string {
  return `${name}.sig`;
}

/** The value of a cookie that its second cookie signs; `undefined` if no key has signed it. */
export function keygripValue(
  cookies: OldCookies,
  name: string,
  keys: readonly string[],
): string | undefined {
  const value = cookies.get(name);
  const signature = cookies.get(signatureName(name));
  if (value === undefined || signature === undefined) return undefined;
  const urlSafe = (digest: Buffer): string => digest.toString("base64url");
  return isSigned(`${name}=${value}`, signature, keys, "sha1", urlSafe) ? value : undefined;
}
