import { hash } from "node:crypto";

/**
 * The key of a row that is not a session's: 43 characters, where a handle has 22, so that no cookie ever names one.
 * Bound to the cookie's name, like everything that a table keeps.
 */
export function rowKey(purpose: "subject" | "revoked" | "ended", name: string, of: string): string {
  return hash("sha256", `${purpose}\0${name}\0${of}`, "base64url");
}
