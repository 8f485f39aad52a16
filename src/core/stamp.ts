import { randomBytes } from "node:crypto";

/** Tells one flash message from a later one under the same key. */
export function newStamp(): string {
  return randomBytes(6).toString("base64url");
}
