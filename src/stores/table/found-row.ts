/** What a commit finds in the table, and what this request's token may do with it. */
import type { StopReason } from "../../core/events.ts";
import type { SessionRow, StoreContext } from "../../core/store.ts";
import { hasFullRights } from "../../core/token-status.ts";
import type { TokenStatus } from "../../core/token-status.ts";
import type { LoadedRow, TableStoreParts } from "./parts.ts";
import type { Row } from "./row.ts";
import { hasOutlivedGrace } from "./token-rotation.ts";
import { tokenStatus } from "./token-status.ts";

/** A row as a try of a commit finds it, with the rights of this request's token. */
export interface FoundRow {
  readonly row: SessionRow;
  readonly content: Row;
  readonly status: TokenStatus;
  /** Whether it is the row that the request has loaded, so that the load has judged it. */
  readonly isLoaded: boolean;
}

/** Gives `undefined` if another version of Sojourn, or another secret, has written the row. */
export function findRow(
  { codec, tokens, context }: TableStoreParts,
  { row: loaded, content: known, status, token, cookie }: LoadedRow,
  row: SessionRow,
): FoundRow | undefined {
  if (row === loaded) return { row, content: known, status, isLoaded: true };
  const read = codec.read(token.handle, row);
  if (!read) return undefined;
  const content = tokens.recognize(read, token, cookie);
  const now = tokenStatus(content, token.digest, context.now(), context.subjectOf);
  return { row, content, status: now, isLoaded: false };
}

/**
 * Gives the reason why a request must not write the row as it is now, if there is one.
 * @param subject the subject of the row
 */
export function stopReason(
  { content, status, isLoaded }: FoundRow,
  { fits, expiryOf, now }: StoreContext,
  loadedSubject: string | undefined,
  subject: string | undefined,
): StopReason | undefined {
  if (isLoaded) {
    // For a slow request the grace may have ended since the load.
    const mayWrite = hasFullRights(status) && !hasOutlivedGrace(content, status, now());
    return mayWrite ? undefined : "retired";
  }
  if (expiryOf(content.record) !== undefined) return "expired";
  if (!hasFullRights(status)) return "retired";
  if (!fits(content.record.data)) return "schema";
  return subject === loadedSubject ? undefined : "subject-changed";
}
