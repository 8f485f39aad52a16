import type { Loaded } from "../load/load.ts";
import type { Changes } from "./changes.ts";
import type { Configuration } from "./configuration.ts";

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
