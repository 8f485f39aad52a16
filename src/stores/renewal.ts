/** How a session's secret changes. Pure: rows in, rows out. */
import type { SessionRecord, StoreContext } from "../core/store.ts";
import { newCredential } from "../crypto/credential.ts";
import type { Credential, FreshCredential } from "../crypto/credential.ts";
import type { Right, Row } from "./row.ts";

/** A row to write, and what it means for the browser. */
export interface Rotated {
  readonly row: Row;
  /** The new cookie, where there is one. */
  readonly cookie: string | undefined;
  readonly rotation: "issued" | "presented" | undefined;
}

/**
 * The row after a renewal that was asked for: the secret that asked keeps, for `renewGrace`, what it could read, unless
 * that was another subject's.
 */
export function renewRow(
  before: Row,
  record: SessionRecord,
  presented: Credential,
  fresh: FreshCredential,
  { now, renewGrace, subjectOf }: StoreContext,
): Row {
  const time = now();
  const subject = subjectOf(before.record.data);
  const keepsData = subject === undefined || subject === subjectOf(record.data);
  const retired = { digest: presented.digest, until: time + renewGrace };
  return {
    record,
    digest: fresh.digest,
    renewedAt: time,
    retired: keepsData ? { ...retired, data: before.record.data } : retired,
  };
}

/**
 * Whether `renewEvery` has something to do with this row: a next secret is due, or was presented for the first time.
 * One that did not arrive within `renewGrace` is followed by another.
 */
export function isRotationDue(row: Row, right: Right, context: StoreContext): boolean {
  if (right.access !== "current") return false;
  if (right.secret === "next") return true;
  const { renewEvery, renewGrace, now } = context;
  if (renewEvery === undefined || right.secret !== "current") return false;
  const time = now();
  if (time < (row.renewedAt ?? row.record.createdAt) + renewEvery) return false;
  return !row.next || time >= row.next.issuedAt + renewGrace;
}

/** The row with what `renewEvery` does to its secrets, if that is due. */
export function rotateRow(handle: string, row: Row, right: Right, context: StoreContext): Rotated {
  if (!isRotationDue(row, right, context)) return { row, cookie: undefined, rotation: undefined };
  const time = context.now();
  if (row.next && right.access === "current" && right.secret === "next") {
    const until = time + context.renewGrace;
    const retired = { digest: row.digest, until, full: true } as const;
    const rotated = { record: row.record, digest: row.next.digest, renewedAt: time, retired };
    return { row: rotated, cookie: undefined, rotation: "presented" };
  }
  const fresh = newCredential(context.key, handle);
  const next = { digest: fresh.digest, issuedAt: time };
  return { row: { ...row, next }, cookie: fresh.cookie, rotation: "issued" };
}
