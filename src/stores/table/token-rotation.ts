/** How a session's secret changes. Pure, but for the fresh secret: rows in, rows out. */
import type { SessionRecord, StoreContext } from "../../core/store.ts";
import { newCredential } from "../../crypto/token.ts";
import type { Credential, FreshCredential } from "../../crypto/token.ts";
import type { Right, Row } from "./row.ts";

/** How many secrets wait to be presented: their answers may have been lost on the way, or be late. */
const MOST_NEXT = 4;

/** A row to write, and what it means for the browser. */
export interface Rotated {
  readonly row: Row;
  /** The new cookie, where there is one. */
  readonly cookie: string | undefined;
  readonly rotation: "issued" | "presented" | undefined;
}

/**
 * The row after a renewal that was asked for: every secret that had a right to the session keeps, for `renewGrace`, what
 * it could read, unless that was another subject's.
 */
export function renewRow(
  before: Row,
  record: SessionRecord,
  fresh: FreshCredential,
  { now, renewGrace, subjectOf }: StoreContext,
): Row {
  const time = now();
  const subject = subjectOf(before.record.data);
  const keepsData = subject === undefined || subject === subjectOf(record.data);
  const former = before.retired?.full && time < before.retired.until ? before.retired.digests : [];
  const retired = { digests: [...standing(before), ...former], until: time + renewGrace };
  return {
    record,
    digest: fresh.digest,
    renewedAt: time,
    retired: keepsData ? { ...retired, data: before.record.data } : retired,
  };
}

/**
 * Whether `renewEvery` has something to do with this row: a next secret is due, or was presented for the first time.
 * One that did not arrive within `renewGrace` is followed by another. Where two arrive at once, the second waits until
 * the secrets before the first have had their grace.
 */
export function isRotationDue(row: Row, right: Right, context: StoreContext): boolean {
  if (right.access !== "current") return false;
  const { renewEvery, renewGrace, now } = context;
  if (right.secret === "next") return !row.retired || now() >= row.retired.until;
  if (renewEvery === undefined || right.secret !== "current") return false;
  const time = now();
  if (time < (row.renewedAt ?? row.record.createdAt) + renewEvery) return false;
  return !row.next || time >= row.next.issuedAt + renewGrace;
}

/**
 * The row with what `renewEvery` does to its secrets, if that is due.
 * @param isGone whether the client has gone, so that a fresh secret would reach nobody
 */
export function rotateRow(
  presented: Credential,
  row: Row,
  right: Right,
  context: StoreContext,
  isGone: () => boolean,
): Rotated {
  if (isRotationDue(row, right, context)) {
    if (right.access === "current" && right.secret === "next") {
      return {
        row: putInForce(presented, row, context),
        cookie: undefined,
        rotation: "presented",
      };
    }
    if (!isGone()) return issue(presented, row, context);
  }
  return { row, cookie: undefined, rotation: undefined };
}

/** A next secret was presented: it has arrived, and those before it have had their time. A newer one may still arrive. */
function putInForce({ digest }: Credential, row: Row, { now, renewGrace }: StoreContext): Row {
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

/** The ones before it stay good: whether they have arrived is not known. */
function issue({ handle }: Credential, row: Row, { key, now }: StoreContext): Rotated {
  const fresh = newCredential(key, handle);
  const issued = [fresh.digest, ...(row.next?.digests ?? [])];
  const next = { digests: issued.slice(0, MOST_NEXT), issuedAt: now() };
  return { row: { ...row, next }, cookie: fresh.cookie, rotation: "issued" };
}

/** The secrets that may do everything, for as long as the session lives. */
function standing({ digest, next }: Row): readonly string[] {
  return [digest, ...(next?.digests ?? [])];
}
