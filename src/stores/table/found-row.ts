/** What a commit finds in the table, what this request's token may do with it, and what replaces it. */
import type { StopReason } from "../../core/events.ts";
import type { SessionRow, Stopped, StoreContext } from "../../core/store.ts";
import { hasFullRights } from "../../core/token-status.ts";
import type { TokenStatus } from "../../core/token-status.ts";
import { withReplaced } from "../table-access/replaced-versions.ts";
import type { LoadedRow, TableStoreParts } from "./parts.ts";
import type { Row } from "./row.ts";
import { hasOutlivedGrace } from "./token-rotation.ts";
import { tokenStatus } from "./token-status.ts";

/** A row as a try of a commit finds it, with the rights of this request's token. */
export interface FoundRow {
  readonly row: SessionRow;
  readonly content: Row;
  readonly status: TokenStatus;
  /** Whether it is as the request has loaded it, so that the load has judged it. */
  readonly isLoaded: boolean;
}

/** Reads a row. A commit stops if there is none, or if another version of Sojourn, or another secret, has written it. */
export function findRow(
  { codec, tokens, context }: TableStoreParts,
  loaded: LoadedRow,
  row: SessionRow | undefined,
): FoundRow | Stopped {
  if (!row) return { stopped: "gone" };
  if (row.version === loaded.row.version) return loaded;
  const { token, cookie } = loaded;
  const read = codec.read(token.handle, row);
  if (!read) return { stopped: "unknown-format" };
  const content = tokens.recognize(read, token, cookie);
  const status = tokenStatus(content, token.digest, context.now(), context.subjectOf);
  return { row, content, status, isLoaded: false };
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

/** Milliseconds between two writes of a row below which it names more of them. */
const HASTE = 1000;

/** A row to write, as the table will hold it and as its text will be read. */
export interface NextRow {
  readonly row: SessionRow;
  readonly content: Row;
}

/** The row to write. It names what it replaces, so that a later conflict tells whether this write was made. */
export function rowOver(
  { row, content: { replaced } }: FoundRow,
  { table, codec }: TableStoreParts,
  handle: string,
  after: Row,
  subject: string | undefined,
): NextRow {
  // Where writes are answered at once, only a row that has names already goes on with them.
  if (!table.losesAnswers && replaced === undefined) {
    return { row: codec.write(handle, after, subject), content: after };
  }
  // Each write moves the deadline on by the time since the one before, unless the absolute deadline holds it.
  const isInHaste = after.record.expiresAt - row.expiresAt < HASTE;
  const named = { ...after, replaced: withReplaced(replaced, row.version, isInHaste) };
  return { row: codec.write(handle, named, subject), content: named };
}

/** Whether a cookie may still go to the browser. Its token may have been renewed away since it was written. */
export function maySend(
  { tokens, context }: TableStoreParts,
  { content }: FoundRow,
  cookie: string,
): boolean {
  const token = tokens.read(cookie);
  if ("refused" in token) return false;
  const row = tokens.recognize(content, token, cookie);
  const status = tokenStatus(row, token.digest, context.now(), context.subjectOf);
  return hasFullRights(status) && status !== "previous";
}
