/** How a session's token changes. Pure, except that it draws the new token: rows in, rows out. */
import type { ChangedRecord, StoreContext } from "../../core/store.ts";
import { hasFullRights } from "../../core/token-status.ts";
import type { TokenStatus } from "../../core/token-status.ts";
import { newToken } from "../../crypto/token.ts";
import type { FreshToken, PresentedToken } from "../../crypto/token.ts";
import type { Row } from "./row.ts";

/** How many issued tokens may wait to be presented: the answers that carry them may be lost on the way, or be late. */
const MOST_ISSUED = 4;

/** A row to write, and what it means for the browser. */
export interface Rotated {
  readonly row: Row;
  /** The new cookie, if there is one. */
  readonly cookie: string | undefined;
  readonly rotation: "issued" | "presented" | undefined;
}

/**
 * The row after a renewal that was asked for. Every token that had a right to the session keeps, for `renewGrace`, what
 * it could read, unless that was another subject's.
 * @param subject whose session the row was before
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
  const retired = { digests: [...activeDigests(before), ...previous], until: time + renewGrace };
  return {
    record,
    digest: fresh.digest,
    renewedAt: time,
    retired: keepsData ? { ...retired, data: before.record.data } : retired,
  };
}

/**
 * Whether `renewEvery` has something to do with this row: the next token is due, or an issued one was presented for the
 * first time. A token that did not arrive within `renewGrace` is followed by another. If two tokens arrive at once, the
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
 * The row with what `renewEvery` does to its tokens, if that is due.
 * @param isGone whether the client has gone, so that a new token would reach nobody
 */
export function rotateRow(
  presented: PresentedToken,
  row: Row,
  status: TokenStatus,
  context: StoreContext,
  isGone: () => boolean,
): Rotated {
  if (hasFullRights(status) && isRotationDue(row, status, context)) {
    if (status === "issued") {
      return {
        row: promoteIssued(presented, row, context),
        cookie: undefined,
        rotation: "presented",
      };
    }
    if (!isGone()) return issueNext(presented, row, context);
  }
  return { row, cookie: undefined, rotation: undefined };
}

/** Whether this token had every right while its grace lasted, and the grace is over. */
export function hasOutlivedGrace({ retired }: Row, status: TokenStatus, now: number): boolean {
  return status === "previous" && now >= (retired?.until ?? 0);
}

/** An issued token was presented, so it has arrived: the tokens before it get their grace. A newer one may still arrive. */
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
  return { record: row.record, digest, renewedAt: time, next, retired };
}

/** The tokens that were issued before stay good, because nobody knows whether they have arrived. */
function issueNext(
  { handle }: PresentedToken,
  row: Row,
  { cookieName, now }: StoreContext,
): Rotated {
  const fresh = newToken(cookieName, handle);
  const issued = [fresh.digest, ...(row.next?.digests ?? [])];
  const next = { digests: issued.slice(0, MOST_ISSUED), issuedAt: now() };
  return { row: { ...row, next }, cookie: fresh.cookie, rotation: "issued" };
}

/** The tokens that may do everything, for as long as the session lives. */
function activeDigests({ digest, next }: Row): readonly string[] {
  return [digest, ...(next?.digests ?? [])];
}
