import { SessionError } from "../../core/errors.ts";
import type { SessionData, SessionRecord, SessionRow } from "../../core/store.ts";
import { newVersion } from "../../crypto/version.ts";
import { decode, encode } from "../../core/data/codec.ts";

/** The first character of a row, which names the format of the rest. A row of another format is never overwritten. */
const FORMAT = "1";
/** The longest row, in bytes of UTF-8, so that every table can hold it. */
const LONGEST_ROW = 1_000_000;

/**
 * The tokens from before a renewal. For `renewGrace` they read their snapshot; after `renewEvery` they may do
 * everything.
 */
interface Retired {
  readonly digests: readonly string[];
  readonly until: number;
  /** The data from before; absent if the subject has changed. It has no messages, because these would show twice. */
  readonly data?: SessionData;
  /** Whether `renewEvery` has renewed the session, which takes no rights away. */
  readonly full?: true;
}

/** The tokens that `renewEvery` has issued and no browser has presented, the newest first. */
interface Next {
  readonly digests: readonly string[];
  /** When the newest one was issued. */
  readonly issuedAt: number;
}

/** The content of a row. */
export interface Row {
  readonly record: SessionRecord;
  /** SHA-256 over cookie name and token, base64url. */
  readonly digest: string;
  /** When this token became the current one; if absent, at the session's creation. */
  readonly renewedAt?: number | undefined;
  readonly next?: Next | undefined;
  readonly retired?: Retired | undefined;
}

/** Makes the row for a table, with a new version. @throws ERR_SESSION_NOT_SERIALIZABLE if it is too long */
export function toSessionRow(row: Row): SessionRow {
  const value = writeRow(row);
  // One UTF-16 code unit takes three bytes at most.
  if (value.length > LONGEST_ROW / 3 && Buffer.byteLength(value) > LONGEST_ROW) {
    throw new SessionError(
      "ERR_SESSION_NOT_SERIALIZABLE",
      `the session would be ${Buffer.byteLength(value)} bytes long; a row holds ${LONGEST_ROW}`,
    );
  }
  return { value, version: newVersion(), expiresAt: row.record.expiresAt };
}

/** Writes the text of a row. The deadline is not in it, but beside it, where a touch can move it. */
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

/** Reads a row's text; `undefined` if it has another format. */
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

/** The parts of a row in its text. Empty parts are left out. */
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

/** Whether a value has digests, and a time under this name. */
function hasDigests(value: unknown, time: string): value is SessionData {
  if (!isBag(value) || typeof value[time] !== "number") return false;
  const { digests } = value;
  return Array.isArray(digests) && digests.every((digest) => typeof digest === "string");
}

function isBag(value: unknown): value is SessionData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
