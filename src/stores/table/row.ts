import { SessionError } from "../../core/errors.ts";
import type { OwnLifetime, SessionData, SessionRecord, SessionRow } from "../../core/store.ts";
import { newVersion } from "../../crypto/version.ts";
import { decode, encode, encodeShared } from "../../core/data/codec.ts";
import { define } from "../../core/data/values.ts";
import type { Next } from "./rounds.ts";

/** The first character of a row, which names the format of the rest. A row of another format is never overwritten. */
const FORMAT = "2";
/** The format of before, which this version only reads. It had no id. */
const FORMER_FORMAT = "1";
/** The longest row, in bytes of UTF-8, so that every table can hold it. */
export const LONGEST_ROW = 1_000_000;

/**
 * The tokens from before a renewal. For `renewGrace` they read their snapshot; after `renewEvery` they may do
 * everything.
 */
interface Retired {
  readonly digests: readonly string[];
  readonly until: number;
  /** The public id from before; absent if the row was of format 1. */
  readonly id?: string | undefined;
  /** The last sign-in from before, if the renewal has brought another one. */
  readonly signedInAt?: number | undefined;
  /** The data from before; absent if the subject has changed. It has no messages, because these would show twice. */
  readonly data?: SessionData | undefined;
  /** Whether `renewEvery` has renewed the session, which takes no rights away. */
  readonly full?: true | undefined;
  /** Tokens from before these. They have no right any more, and are known, so that their use can be told. */
  readonly former?: readonly string[] | undefined;
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
  /** The versions that the last writes have replaced, the newest first, in base 36 with dots between them. */
  readonly replaced?: string | undefined;
  /** Fields of a later version of Sojourn. They stay, so that both versions can serve side by side. */
  readonly unknown?: SessionData | undefined;
}

/**
 * Makes the row for a table, with a new version.
 * @param subject the session's subject as text; `undefined` if nobody is signed in
 * @param seal makes of the text what stands in the table
 * @param longest the most bytes that may stand there
 * @throws ERR_SESSION_NOT_SERIALIZABLE if it is too long
 */
export function toSessionRow(
  row: Row,
  subject?: string,
  seal: (text: string) => string = (text) => text,
  longest: number = LONGEST_ROW,
): SessionRow {
  const plain = seal(writeRow(row));
  const value = isLonger(plain, longest) ? seal(writeRow(row, encodeShared)) : plain;
  if (isLonger(value, longest)) {
    throw new SessionError(
      "ERR_SESSION_NOT_SERIALIZABLE",
      `the session would be ${Buffer.byteLength(plain)} bytes long; a row holds ${longest}`,
    );
  }
  const rank = subject === undefined ? 0 : 1;
  return { value, version: newVersion(), expiresAt: row.record.expiresAt, rank };
}

function isLonger(value: string, bytes: number): boolean {
  // One UTF-16 code unit takes three bytes at most.
  return value.length > bytes / 3 && Buffer.byteLength(value) > bytes;
}

/** Writes the text of a row. The deadline is not in it, but beside it, where a touch can move it. */
function writeRow(
  { record, digest, renewedAt, next, retired, replaced, unknown }: Row,
  write = encode,
): string {
  const { id, data, flash, sentAttributes, sentOptions, createdAt } = record;
  const { subjectSince, ahead, signedInAt, lifetime } = record;
  const text: Record<string, unknown> = { createdAt, digest, data };
  if (id !== undefined) text["id"] = id;
  if (subjectSince !== undefined && subjectSince !== createdAt) text["since"] = subjectSince;
  if (ahead !== undefined) text["ahead"] = ahead;
  if (signedInAt !== undefined) text["signedInAt"] = signedInAt;
  if (lifetime) text["lifetime"] = lifetime;
  if (Object.keys(flash).length > 0) text["flash"] = flash;
  if (Object.keys(sentAttributes).length > 0) text["sent"] = sentAttributes;
  if (sentOptions) text["options"] = sentOptions;
  if (renewedAt !== undefined) text["renewedAt"] = renewedAt;
  if (next) text["next"] = next;
  if (retired) text["retired"] = retired;
  if (replaced !== undefined) text["replaced"] = replaced;
  for (const [name, value] of Object.entries(unknown ?? {})) define(text, name, value);
  return FORMAT + write(text);
}

/** Reads a row's text; `undefined` if it has another format. */
export function readRow(value: string, expiresAt: number): Row | undefined {
  if (!value.startsWith(FORMAT) && !value.startsWith(FORMER_FORMAT)) return undefined;
  try {
    const text = ownFields(decode(value.slice(FORMAT.length)));
    if (!isRowText(text)) return undefined;
    const { createdAt, since, digest, data, flash = {}, sent = {} } = text;
    const { id, options, ahead, signedInAt, lifetime, renewedAt, next, retired, replaced } = text;
    const record = {
      id,
      data,
      flash,
      sentAttributes: sent,
      sentOptions: options,
      createdAt,
      expiresAt,
      subjectSince: since,
      ahead,
      signedInAt,
      lifetime,
    };
    const unknown = unknownOf(text);
    return { record, digest, renewedAt, next, retired, replaced, unknown };
  } catch {
    return undefined;
  }
}

/** Gives what {@link readRow} reads of a row that was just written. */
export function asRead({ record, digest, renewedAt, next, retired, replaced, unknown }: Row): Row {
  const { id, data, flash, sentAttributes, sentOptions, createdAt, expiresAt } = record;
  const { subjectSince, ahead, signedInAt, lifetime } = record;
  const read = {
    id,
    data,
    flash,
    sentAttributes,
    sentOptions,
    createdAt,
    expiresAt,
    subjectSince: subjectSince === createdAt ? undefined : subjectSince,
    ahead,
    signedInAt,
    lifetime,
  };
  return { record: read, digest, renewedAt, next, retired, replaced, unknown };
}

/** The parts of a row in its text. Empty parts are left out. */
interface RowText
  extends
    Omit<Row, "record" | "unknown">,
    Pick<SessionRecord, "id" | "data" | "createdAt" | "ahead" | "signedInAt" | "lifetime"> {
  readonly since?: SessionRecord["subjectSince"];
  readonly flash?: SessionRecord["flash"];
  readonly sent?: SessionRecord["sentAttributes"];
  readonly options?: SessionRecord["sentOptions"];
}

const KNOWN: ReadonlySet<string> = new Set(
  Object.keys({
    createdAt: 0,
    digest: 0,
    data: 0,
    id: 0,
    since: 0,
    ahead: 0,
    signedInAt: 0,
    lifetime: 0,
    flash: 0,
    sent: 0,
    options: 0,
    renewedAt: 0,
    next: 0,
    retired: 0,
    replaced: 0,
  } satisfies Record<keyof RowText, unknown>),
);

function unknownOf(text: SessionData): SessionData | undefined {
  let unknown: Record<string, unknown> | undefined;
  for (const name of Object.keys(text)) {
    if (!KNOWN.has(name)) define((unknown ??= {}), name, text[name]);
  }
  return unknown;
}

function isRowText(text: unknown): text is SessionData & RowText {
  if (!isBag(text)) return false;
  const { data, flash = {}, sent = {}, options = {}, lifetime = {}, next, retired } = text;
  const { createdAt, digest, id = "", replaced = "" } = text;
  const { since = 0, ahead = 0, signedInAt = 0, renewedAt = 0 } = text;
  return (
    [digest, id, replaced].every(isText) &&
    [createdAt, since, ahead, signedInAt, renewedAt].every(isTime) &&
    [data, flash, sent, options].every(isBag) &&
    isLifetime(lifetime) &&
    (next === undefined || isNext(next)) &&
    (retired === undefined || isRetired(retired))
  );
}

function isLifetime(value: unknown): value is OwnLifetime {
  if (!isBag(value)) return false;
  const { idle = 0, absolute = 0 } = value;
  return isTime(idle) && isTime(absolute);
}

function isNext(value: unknown): value is Next {
  if (!hasDigests(value, "issuedAt")) return false;
  const { rounds = [] } = value;
  return Array.isArray(rounds) && rounds.every(isCount);
}

function isRetired(value: unknown): value is Retired {
  if (!hasDigests(value, "until")) return false;
  const { id = "", data = {}, signedInAt = 0, former = [] } = value;
  return (
    isText(id) && isBag(data) && isTime(signedInAt) && Array.isArray(former) && former.every(isText)
  );
}

/** Whether a value has digests, and a time under this name. */
function hasDigests(value: unknown, time: string): value is SessionData {
  if (!isBag(value) || !isTime(value[time])) return false;
  const { digests } = value;
  return Array.isArray(digests) && digests.every(isText);
}

/** Takes the prototypes from a text that was just read, so that none of them fills in a field that is absent. */
function ownFields(text: unknown): unknown {
  if (!isBag(text)) return text;
  Object.setPrototypeOf(text, null);
  for (const part of [text["lifetime"], text["next"], text["retired"]]) {
    if (isBag(part)) Object.setPrototypeOf(part, null);
  }
  return text;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isTime(value: unknown): value is number {
  return typeof value === "number";
}

function isBag(value: unknown): value is SessionData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
