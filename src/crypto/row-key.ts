import { hash } from "node:crypto";

/**
 * The key of a side row. It has 43 characters and a handle has 22, so that no cookie can ever name a side row. The key
 * is bound to the cookie's name, as everything is that a table keeps.
 */
export function rowKey(purpose: "subject" | "revoked" | "ended", name: string, of: string): string {
  return hash("sha256", `${purpose}\0${name}\0${of}`, "base64url");
}
