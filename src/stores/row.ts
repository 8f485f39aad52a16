import { SessionError } from "../core/errors.ts";
import type { Bag, SessionRecord, SessionRow } from "../core/store.ts";
import { sameDigest } from "../crypto/credential.ts";
import { newVersion } from "../crypto/version.ts";
import { decode, encode } from "../core/codec.ts";

/** The first character of a row: the format of the rest. A row of another format is left alone. */
const FORMAT = "1";
/** The longest row, in bytes of UTF-8, so that every table can hold it. */
const LONGEST_ROW = 1_000_000;

/** The secret before a renewal. For a while it reads what it read then, or, if nobody asked for the renewal, may do all. */
interface Retired {
  readonly digest: string;
  readonly until: number;
  /** The data from before; absent when a subject was left behind. Messages are not in it: they would show twice. */
  readonly data?: Bag;
  /** Whether it was renewed by `renewEvery`, which takes nothing away. */
  readonly full?: true;
}

/** A secret that was issued by `renewEvery`, and not presented yet. */
interface Next {
  readonly digest: string;
  readonly issuedAt: number;
}

/** What a row of a table says, once read. */
export interface Row {
  readonly record: SessionRecord;
  /** SHA-256 over cookie name and secret, base64url. */
  readonly digest: string;
  /** When this secret came into force; with the session, if absent. */
  readonly renewedAt?: number | undefined;
  readonly next?: Next | undefined;
  readonly retired?: Retired | undefined;
}

/** What a secret may do with a row. */
export type Right =
  | { readonly access: "current"; readonly secret: "current" | "next" | "former" }
  | { readonly access: "retired"; readonly data: Bag | undefined }
  | { readonly access: "none"; readonly reason: "retired" | "unknown-secret" };

/** The row as a table keeps it, under a version of its own. @throws ERR_SESSION_NOT_SERIALIZABLE when too long */
export function toSessionRow(row: Row): SessionRow {
  const value = writeRow(row);
  // Three bytes are the most that one UTF-16 code unit takes.
  if (value.length > LONGEST_ROW / 3 && Buffer.byteLength(value) > LONGEST_ROW) {
    throw new SessionError(
      "ERR_SESSION_NOT_SERIALIZABLE",
      `the session would be ${Buffer.byteLength(value)} bytes long; a row holds ${LONGEST_ROW}`,
    );
  }
  return { value, version: newVersion(), expiresAt: row.record.expiresAt };
}

/** The text of a row; the deadline stands beside it, where a touch can move it. */
function writeRow({ record, digest, renewedAt, next, retired }: Row): string {
  const { data, flash, sent, createdAt, since } = record;
  const text: Record<string, unknown> = { createdAt, digest, data };
  if (since !== undefined && since !== createdAt) text["since"] = since;
  if (Object.keys(flash).length > 0) text["flash"] = flash;
  if (Object.keys(sent).length > 0) text["sent"] = sent;
  if (renewedAt !== undefined) text["renewedAt"] = renewedAt;
  if (next) text["next"] = next;
  if (retired) text["retired"] = retired;
  return FORMAT + encode(text);
}

/** Reads a row's text; `undefined` when it is of another format. */
export function readRow(value: string, expiresAt: number): Row | undefined {
  if (!value.startsWith(FORMAT)) return undefined;
  try {
    const text = decode(value.slice(FORMAT.length));
    if (!isRowText(text)) return undefined;
    const { createdAt, since, digest, data, flash = {}, sent = {} } = text;
    const { renewedAt, next, retired } = text;
    const record = { data, flash, sent, createdAt, expiresAt, since };
    return { record, digest, renewedAt, next, retired };
  } catch {
    return undefined;
  }
}

/** What is written of a row: what is empty is left out. */
type RowText = Pick<SessionRecord, "data" | "createdAt" | "since"> &
  Partial<Pick<SessionRecord, "flash" | "sent">> &
  Omit<Row, "record">;

function isRowText(text: unknown): text is RowText {
  if (!isBag(text)) return false;
  const { data, flash = {}, sent = {}, next, retired } = text;
  const { since = 0, renewedAt = 0 } = text;
  return (
    isSecret(text, "createdAt") &&
    [since, renewedAt].every((time) => typeof time === "number") &&
    [data, flash, sent].every(isBag) &&
    (next === undefined || isSecret(next, "issuedAt")) &&
    (retired === undefined || (isSecret(retired, "until") && isBag(retired["data"] ?? {})))
  );
}

/** Whether it has a digest, and this time. */
function isSecret(value: unknown, time: string): value is Bag {
  return isBag(value) && typeof value["digest"] === "string" && typeof value[time] === "number";
}

function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const CURRENT = { access: "current", secret: "current" } as const;

/** What the secret with this digest may do now. */
export function rightOf({ digest, next, retired }: Row, presented: string, now: number): Right {
  if (sameDigest(presented, digest)) return CURRENT;
  if (next && sameDigest(presented, next.digest)) return { access: "current", secret: "next" };
  if (!retired || !sameDigest(presented, retired.digest)) {
    return { access: "none", reason: "unknown-secret" };
  }
  if (now >= retired.until) return { access: "none", reason: "retired" };
  if (retired.full) return { access: "current", secret: "former" };
  // Also without data to read it stays a known secret, so that its late writes are stopped like any other's:
  // a session of their own would take the cookie's place in the browser.
  return { access: "retired", data: retired.data };
}
