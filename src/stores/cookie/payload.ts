import type { OwnLifetime, SessionData, SessionRecord } from "../../core/store.ts";
import { EMPTY, define } from "../../core/data/values.ts";
import { ownBytes } from "../../crypto/own-bytes.ts";
import { HANDLE_BYTES } from "../../crypto/token.ts";
import { decode, encode } from "../../core/data/codec.ts";

/*
 * The bytes that a cookie seals, as few as possible:
 *   handle, 16 bytes | id, 16 | created at, 6 | expires at, 6 | ends at, 6 | sealed at, 6 | [data, fields] as text
 * Times are milliseconds since the epoch; `since` and `signedInAt` count from the creation. An id or a time of zeros
 * is none. Empty fields are left out.
 *
 * Format 1, which this version only reads:
 *   handle, 16 bytes | created at, 6 | expires at, 6 | [data, flash, attributes sent, since, generation] as text
 */
const ID = HANDLE_BYTES;
const ID_BYTES = 16;
const TIMES = ID + ID_BYTES;
const TIME_BYTES = 6;
/** The last that so many bytes hold, in the year 10889. */
const LATEST = 2 ** (8 * TIME_BYTES) - 1;
const BODY = TIMES + 4 * TIME_BYTES;
const FORMER_BODY = HANDLE_BYTES + 2 * TIME_BYTES;

/** The format that this version writes. Its number stands before the seal, which authenticates it. */
export const PAYLOAD_FORMAT = 2;
/** The format of before, which this version only reads. */
export const FORMER_PAYLOAD_FORMAT = 1;

const NO_ID = "A".repeat(Math.ceil((ID_BYTES * 4) / 3)); // No Buffer: a runtime may lack it, which set-up says.

/** A session as a cookie holds it. */
export interface Payload {
  readonly handle: string;
  /** How often the session was renewed. The server knows a retired seal by this number. */
  readonly generation: number;
  readonly record: SessionRecord;
  /** When the session was sealed; absent in format 1. */
  readonly sealedAt?: number | undefined;
  /** Fields of a later version of Sojourn. They stay, so that both versions can serve side by side. */
  readonly unknown?: SessionData | undefined;
}

/** The fields beside the data. Empty ones are left out. */
interface Fields {
  readonly flash?: SessionRecord["flash"];
  readonly sent?: SessionRecord["sentAttributes"];
  readonly options?: SessionRecord["sentOptions"];
  readonly since?: number;
  readonly generation?: number;
  readonly ahead?: number;
  readonly signedInAt?: number;
  readonly lifetime?: OwnLifetime;
}

/**
 * Writes the bytes of a session.
 * @param write makes the text of the data and the fields
 */
export function writePayload(payload: Payload, write: typeof encode = encode): Buffer {
  const { handle, generation, record, sealedAt = 0, unknown } = payload;
  const { id = NO_ID, createdAt, expiresAt, endsAt = 0 } = record;
  const fields = fieldsOf(record, generation, unknown);
  const body = Object.keys(fields).length === 0 ? [record.data] : [record.data, fields];
  const text = write(body);
  const bytes = ownBytes(BODY + Buffer.byteLength(text));
  bytes.write(handle, 0, HANDLE_BYTES, "base64url");
  bytes.write(id, ID, ID_BYTES, "base64url");
  writeTime(bytes, 0, createdAt);
  writeTime(bytes, 1, expiresAt);
  writeTime(bytes, 2, endsAt);
  writeTime(bytes, 3, sealedAt);
  bytes.write(text, BODY, "utf8");
  return bytes;
}

function fieldsOf(
  {
    flash,
    sentAttributes,
    sentOptions,
    createdAt,
    subjectSince = createdAt,
    ahead,
    signedInAt,
    lifetime,
  }: SessionRecord,
  generation: number,
  unknown: SessionData = EMPTY,
): SessionData {
  const fields: Record<string, unknown> = {};
  if (Object.keys(flash).length > 0) fields["flash"] = flash;
  if (Object.keys(sentAttributes).length > 0) fields["sent"] = sentAttributes;
  if (sentOptions) fields["options"] = sentOptions;
  if (subjectSince !== createdAt) fields["since"] = subjectSince - createdAt;
  if (generation !== 0) fields["generation"] = generation;
  if (ahead !== undefined) fields["ahead"] = ahead;
  if (signedInAt !== undefined) fields["signedInAt"] = signedInAt - createdAt;
  if (lifetime) fields["lifetime"] = lifetime;
  for (const [name, value] of Object.entries(unknown)) define(fields, name, value);
  return fields;
}

/** Reads the session of such bytes; `undefined` if another version of Sojourn has written them. */
export function readPayload(bytes: Buffer, format: number = PAYLOAD_FORMAT): Payload | undefined {
  try {
    return format === PAYLOAD_FORMAT ? read(bytes) : readFormer(bytes);
  } catch {
    return undefined;
  }
}

function read(bytes: Buffer): Payload | undefined {
  const body = decode(bytes.toString("utf8", BODY));
  if (!Array.isArray(body)) return undefined;
  const [data = EMPTY, given = {}] = body as [SessionData?, Fields?];
  // What is absent must not be found in a prototype.
  for (const part of [given, given.lifetime]) if (part) Object.setPrototypeOf(part, null);
  const {
    flash = {},
    sent = {},
    options,
    since = 0,
    generation = 0,
    ahead,
    signedInAt,
    lifetime,
    ...others
  } = given;
  const createdAt = readTime(bytes, 0);
  const id = bytes.toString("base64url", ID, ID + ID_BYTES);
  const record = {
    id: id === NO_ID ? undefined : id,
    data,
    flash,
    sentAttributes: sent,
    sentOptions: options,
    createdAt,
    expiresAt: readTime(bytes, 1),
    subjectSince: createdAt + since,
    ahead,
    signedInAt: signedInAt === undefined ? undefined : createdAt + signedInAt,
    lifetime,
    endsAt: timeOrNone(readTime(bytes, 2)),
  };
  const sealedAt = timeOrNone(readTime(bytes, 3));
  const unknown = Object.keys(others).length === 0 ? undefined : others;
  return { handle: handleOf(bytes), generation, record, sealedAt, unknown };
}

function readFormer(bytes: Buffer): Payload | undefined {
  const body = decode(bytes.toString("utf8", FORMER_BODY));
  if (!Array.isArray(body)) return undefined;
  const [data = EMPTY, flash = {}, sentAttributes = {}, since = 0, generation = 0] =
    body as Partial<
      [SessionData, SessionRecord["flash"], SessionRecord["sentAttributes"], number, number]
    >;
  const createdAt = bytes.readUIntBE(HANDLE_BYTES, TIME_BYTES);
  const record = {
    data,
    flash,
    sentAttributes,
    createdAt,
    expiresAt: bytes.readUIntBE(HANDLE_BYTES + TIME_BYTES, TIME_BYTES),
    subjectSince: createdAt + since,
  };
  return { handle: handleOf(bytes), generation, record };
}

function handleOf(bytes: Buffer): string {
  return bytes.toString("base64url", 0, HANDLE_BYTES);
}

/** @param at which of the four times */
function writeTime(bytes: Buffer, at: number, time: number): void {
  bytes.writeUIntBE(Math.min(Math.floor(time), LATEST), TIMES + at * TIME_BYTES, TIME_BYTES);
}

function readTime(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(TIMES + at * TIME_BYTES, TIME_BYTES);
}

function timeOrNone(time: number): number | undefined {
  return time === 0 ? undefined : time;
}
