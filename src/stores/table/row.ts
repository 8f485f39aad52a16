import { SessionError } from "../../core/errors.ts";
import type { SessionData, SessionRecord, SessionRow } from "../../core/store.ts";
import { newVersion } from "../../crypto/version.ts";
import { decode, encode } from "../../core/data/codec.ts";

/** The first character of a row: the format of the rest. A row of another format is left alone. */
const FORMAT = "1";
/** The longest row, in bytes of UTF-8, so that every table can hold it. */
const LONGEST_ROW = 1_000_000;

/** The tokens before a renewal. For a while they read what they read then, or, if nobody asked for it, may do all. */
interface Retired {
  readonly digests: readonly string[];
  readonly until: number;
  /** The data from before; absent when a subject was left behind. Messages are not in it: they would show twice. */
  readonly data?: SessionData;
  /** Whether it was renewed by `renewEvery`, which takes nothing away. */
  readonly full?: true;
}

/** The tokens that `renewEvery` has issued, the newest first, and nobody has presented: one of them is in the browser. */
interface Next {
  readonly digests: readonly string[];
  /** When the newest was issued. */
  readonly issuedAt: number;
}

/** What a row of a table says, once read. */
export interface Row {
  readonly record: SessionRecord;
  /** SHA-256 over cookie name and token, base64url. */
  readonly digest: string;
  /** When this token came into force; with the session, if absent. */
  readonly renewedAt?: number | undefined;
  readonly next?: Next | undefined;
  readonly retired?: Retired | undefined;
}

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
  const { data, flash, sentAttributes, createdAt, subjectSince } = record;
  const text: Record<string, unknown> = { createdAt, digest, data };
  if (subjectSince !== undefined && subjectSince !== createdAt) text["since"] = subjectSince;
  if (Object.keys(flash).length > 0) text["flash"] = flash;
  if (Object.keys(sentAttributes).length > 0) text["sent"] = sentAttributes;
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
    const record = {
      data,
      flash,
      sentAttributes: sent,
      createdAt,
      expiresAt,
      subjectSince: since,
    };
    return { record, digest, renewedAt, next, retired };
  } catch {
    return undefined;
  }
}

/** What is written of a row: what is empty is left out. */
interface RowText extends Omit<Row, "record">, Pick<SessionRecord, "data" | "createdAt"> {
  readonly since?: SessionRecord["subjectSince"];
  readonly flash?: SessionRecord["flash"];
  readonly sent?: SessionRecord["sentAttributes"];
}

function isRowText(text: unknown): text is RowText {
  if (!isBag(text)) return false;
  const { data, flash = {}, sent = {}, next, retired } = text;
  const { createdAt, digest, since = 0, renewedAt = 0 } = text;
  return (
    typeof digest === "string" &&
    [createdAt, since, renewedAt].every((time) => typeof time === "number") &&
    [data, flash, sent].every(isBag) &&
    (next === undefined || hasDigests(next, "issuedAt")) &&
    (retired === undefined || (hasDigests(retired, "until") && isBag(retired["data"] ?? {})))
  );
}

/** Whether it has digests, and this time. */
function hasDigests(value: unknown, time: string): value is SessionData {
  if (!isBag(value) || typeof value[time] !== "number") return false;
  const { digests } = value;
  return Array.isArray(digests) && digests.every((digest) => typeof digest === "string");
}

function isBag(value: unknown): value is SessionData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
