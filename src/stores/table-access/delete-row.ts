import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { Share } from "../../core/load/share.ts";
import type { SessionRow } from "../../core/store.ts";
import type { TimedTable } from "./timed-table.ts";

/** How often a delete asks for the version that was just read. */
const TRIES = 5;

/**
 * Deletes a row that may change meanwhile, unless `refusal` gives a reason to leave it.
 * @param seen the row as it was read
 * @param refusal looks at the row as it is now, and gives the reason to leave it
 * @param share the time that the request has for the table
 */
export function deleteRow<R extends object>(
  table: TimedTable,
  key: string,
  seen: SessionRow,
  refusal: (row: SessionRow) => R | undefined,
  share?: Share,
  tries = 1,
): Awaitable<"done" | "gone" | R> {
  const refused = refusal(seen);
  if (refused) return refused;
  // Writers that never pause would win every time, so that the last try asks for no version.
  const version = tries < TRIES ? seen.version : undefined;
  return andThen(table.delete(key, version, share), (result) =>
    typeof result === "string" ? result : deleteRow(table, key, result, refusal, share, tries + 1),
  );
}
