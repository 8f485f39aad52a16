/** The changes of a session's token. The functions take rows and give rows; only the new token is drawn at random. */
import type { ChangedRecord, StoreContext } from "../../core/store.ts";
import { hasFullRights } from "../../core/token-status.ts";
import type { TokenStatus } from "../../core/token-status.ts";
import type { FreshToken, PresentedToken } from "../../crypto/token.ts";
import type { Row } from "./row.ts";

/** The most issued tokens that may wait to be presented. The answers that carry them may be late, or be lost. */
const MOST_ISSUED = 4;

/** Draws another token for a session. */
type DrawToken = (handle: string) => FreshToken;

/** A row to write, and the cookie that belongs to it. */
export interface Rotated {
  readonly row: Row;
  /** The new cookie, if there is one. */
  readonly cookie: string | undefined;
  readonly rotation: "issued" | "presented" | undefined;
}

/**
 * Gives the row after a renewal that was asked for. For `renewGrace`, every token with a right to the session may read
 * what it could read before, unless that was another subject's.
 * @param subject the subject of the row before
 */
export function renewRow(
  before: Row,
  subject: string | undefined,
  record: ChangedRecord,
  fresh: FreshToken,
  { now, renewGrace }: StoreContext,
): Row {
  const time = now();
  const keepsData = subject === undefined || subject === record.subject;
  const previous =
    before.retired?.full && time < before.retired.until ? before.retired.digests : [];
  const retired = {
    digests: [...activeDigests(before), ...previous],
    until: time + renewGrace,
    ...(before.record.id !== undefined && { id: before.record.id }),
  };
  return {
    ...kept(before),
    record,
    digest: fresh.digest,
    renewedAt: time,
    retired: keepsData ? { ...retired, data: before.record.data } : retired,
  };
}

/**
 * Whether `renewEvery` must change this row: the next token is due, or a browser has presented an issued one for the
 * first time. If a token does not arrive within `renewGrace`, another one is issued. If two tokens arrive at once, the
 * second waits until the tokens before the first have had their grace.
 */
export function isRotationDue(row: Row, status: TokenStatus, context: StoreContext): boolean {
  const { renewEvery, renewGrace, now } = context;
  if (status === "issued") return !row.retired || now() >= row.retired.until;
  if (renewEvery === undefined || status !== "current") return false;
  const time = now();
  if (time < (row.renewedAt ?? row.record.createdAt) + renewEvery) return false;
  return !row.next || time >= row.next.issuedAt + renewGrace;
}

/**
 * Gives the row to write: with the change that `renewEvery` makes to its tokens, if one is due, and without what nobody
 * can read any more.
 * @param isGone whether the client has gone, so that no browser would get a new token
 */
export function rotateRow(
  presented: PresentedToken,
  before: Row,
  status: TokenStatus,
  context: StoreContext,
  draw: DrawToken,
  isGone: () => boolean,
): Rotated {
  if (!hasFullRights(status)) return { row: before, cookie: undefined, rotation: undefined };
  const row = withoutDeadSnapshot(before, context.now());
  if (isRotationDue(row, status, context)) {
    if (status === "issued") {
      return {
        row: promoteIssued(presented, row, context),
        cookie: undefined,
        rotation: "presented",
      };
    }
    if (!isGone()) return issueNext(presented, row, context, draw);
  }
  return { row, cookie: undefined, rotation: undefined };
}

/**
 * The row without its snapshot, if no token may read that any more. Otherwise data that the application has deleted
 * would stay in the table for as long as the session lives.
 */
function withoutDeadSnapshot(row: Row, now: number): Row {
  if (!row.retired?.data || now < row.retired.until) return row;
  const { data: _, ...retired } = row.retired;
  return { ...row, retired };
}

/** Whether this token had every right while its grace lasted, and the grace is over. */
export function hasOutlivedGrace({ retired }: Row, status: TokenStatus, now: number): boolean {
  return status === "previous" && now >= (retired?.until ?? 0);
}

/** Makes an issued token the current one, because a browser has presented it. The tokens before it get their grace. */
function promoteIssued(
  { digest }: PresentedToken,
  row: Row,
  { now, renewGrace }: StoreContext,
): Row {
  const time = now();
  const issued = row.next?.digests ?? [];
  const place = issued.indexOf(digest);
  const retired = {
    digests: [...issued.slice(place + 1), row.digest],
    until: time + renewGrace,
    full: true,
  } as const;
  const next = row.next && place > 0 ? { ...row.next, digests: issued.slice(0, place) } : undefined;
  return { ...kept(row), record: row.record, digest, renewedAt: time, next, retired };
}

/** Issues the next token. Those that were issued before keep their rights, because they may have arrived. */
function issueNext(
  { handle }: PresentedToken,
  row: Row,
  { now }: StoreContext,
  draw: DrawToken,
): Rotated {
  const fresh = draw(handle);
  const issued = [fresh.digest, ...(row.next?.digests ?? [])];
  const next = { digests: issued.slice(0, MOST_ISSUED), issuedAt: now() };
  return { row: { ...row, next }, cookie: fresh.cookie, rotation: "issued" };
}

/** Gives the tokens that may do everything as long as the session lives. */
function activeDigests({ digest, next }: Row): readonly string[] {
  return [digest, ...(next?.digests ?? [])];
}

/** What a row says beside the record and its tokens. */
function kept({ replaced, unknown }: Row): Pick<Row, "replaced" | "unknown"> {
  return { replaced, unknown };
}
