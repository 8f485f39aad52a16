import { hash } from "node:crypto";
import type { RingKey } from "./keyring.ts";

/**
 * The key of a side row. It has 43 characters or more and a handle has 22, so that no cookie can ever name a side row.
 * It is bound to the cookie's name, as everything is that a table keeps. With the key of a secret it bears that key's
 * id, and without the secret nobody finds it from what it names.
 */
export function rowKey(
  purpose: "subject" | "revoked" | "ended" | "before" | "adopted",
  name: string,
  of: string,
  key?: RingKey,
): string {
  const text = `${purpose}\0${name}\0${of}`;
  if (!key) return hash("sha256", text, "base64url");
  return key.id.toString("base64url") + key.mac(Buffer.from(`row\0${text}`)).toString("base64url");
}
