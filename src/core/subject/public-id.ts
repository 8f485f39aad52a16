import { randomBytes } from "node:crypto";

/** The names of a stored session that others may see. */
export interface PublicNames {
  readonly handle: string;
  readonly id: string;
}

/** Draws a public id: 128 bits that are derived from nothing. */
export function newPublicId(): string {
  return randomBytes(16).toString("base64url");
}
