import { randomBytes } from "node:crypto";
import type { Changes } from "../request/changes.ts";
import type { Configuration } from "../request/configuration.ts";
import type { Loaded } from "../request/load.ts";

/** The names of a stored session that others may see. */
export interface PublicNames {
  readonly handle: string;
  readonly id: string;
}

/** Draws a public id: 128 bits that are derived from nothing. */
export function newPublicId(): string {
  return randomBytes(16).toString("base64url");
}

/** The id that the session keeps through this request's commit; `undefined` if the commit gives another one. */
export function keptId(
  { stored, subject }: Loaded,
  changes: Changes,
  configuration: Configuration | undefined,
): string | undefined {
  if (!stored || configuration?.drop) return undefined;
  if (configuration?.ignore) return stored.id;
  if (configuration?.renew || changes.subject !== subject) return undefined;
  // A session of format 1 gets an id with the first write.
  return stored.record.id === undefined && changes.any ? undefined : stored.id;
}
