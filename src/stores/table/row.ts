import { SessionError } from "../../core/errors.ts";
import type { Bag, SessionRecord, SessionRow } from "../../core/store.ts";
import { sameDigest } from "../../crypto/token.ts";
import { newVersion } from "../../crypto/version.ts";
import { decode, encode } from "../../core/data/codec.ts";

/** The first character of a row: the format of the rest. A row of another format is left alone. */
const FORMAT = "1";
/** The longest row, in bytes of UTF-8, so that every table can hold it. */
const LONGEST_ROW = 1_000_000;

/** The secrets before a renewal. For a while they read what they read then, or, if nobody asked for it, may do all. */
interface Retired {
  readonly digests: readonly string[];
  readonly until: number;
  /** The data from before; absent when a subject was left behind. Messages are not in it: they would show twice. */
  readonly data?: Bag;
  /** Whether it was renewed by `renewEvery`, which takes nothing away. */
  readonly full?: true;
}

/** The secrets that `renewEvery` has issued, the newest first, and nobody has presented: one of them is in the browser. */
interface Next {
  readonly digests: readonly string[];
  /** When the newest was issued. */
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
  const { createdAt, digest, since = 0, renewedAt = 0 } = text;
  return (
    typeof digest === "string" &&
    [createdAt, since, renewedAt].every((time) => typeof time === "number") &&
    [data, flash, sent].every(isBag) &&
    (next === undefined || hasSecrets(next, "issuedAt")) &&
    (retired === undefined || (hasSecrets(retired, "until") && isBag(retired["data"] ?? {})))
  );
}

/** Whether it has digests, and this time. */
function hasSecrets(value: unknown, time: string): value is Bag {
  if (!isBag(value) || typeof value[time] !== "number") return false;
  const { digests } = value;
  return Array.isArray(digests) && digests.every((digest) => typeof digest === "string");
}

function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const CURRENT = { access: "current", secret: "current" } as const;

/** What the secret with this digest may do now. */
export function rightOf({ digest, next, retired }: Row, presented: string, now: number): Right {
  if (sameDigest(presented, digest)) return CURRENT;
  if (next && isOneOf(presented, next.digests)) return { access: "current", secret: "next" };
  if (!retired || !isOneOf(presented, retired.digests)) {
    return { access: "none", reason: "unknown-secret" };
  }
  if (now >= retired.until) return { access: "none", reason: "retired" };
  if (retired.full) return { access: "current", secret: "former" };
  // Also without data to read it stays a known secret, so that its late writes are stopped like any other's:
  // a session of their own would take the cookie's place in the browser.
  return { access: "retired", data: retired.data };
}

/** Whether this is a secret that had every right while its grace lasted. */
export function hasOutlivedGrace({ retired }: Row, right: Right, now: number): boolean {
  return right.access === "current" && right.secret === "former" && now >= (retired?.until ?? 0);
}

function isOneOf(presented: string, digests: readonly string[]): boolean {
  return digests.some((digest) => sameDigest(presented, digest));
}
