import { plainToken, readPair } from "../../src/crypto/token.ts";
import type { PresentedToken } from "../../src/crypto/token.ts";

/** Reads a cookie of a table without a secret. Gives `undefined` if the value does not have the shape of one. */
export function readToken(cookieName: string, cookie: string): PresentedToken | undefined {
  const pair = readPair(cookie);
  return pair && plainToken(cookieName, pair);
}
