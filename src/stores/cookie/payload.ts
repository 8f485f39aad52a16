import type { SessionRecord } from "../../core/store.ts";
import { EMPTY } from "../../core/data/values.ts";
import { HANDLE_BYTES } from "../../crypto/token.ts";
import { decode, encode } from "../../core/data/codec.ts";

/*
 * The bytes that a cookie seals, as few as possible:
 *   handle, 16 bytes | created at, 6 | expires at, 6 | [data, flash, attributes sent, since, generation] as text
 * Times are milliseconds since the epoch, and `since` counts from the creation. Empty values at the end of the list are
 * left out.
 */
const CREATED_AT = HANDLE_BYTES;
const EXPIRES_AT = CREATED_AT + 6;
const BODY = EXPIRES_AT + 6;

/** A session as a cookie holds it. */
export interface Payload {
  readonly handle: string;
  /** How often the session was renewed. The server knows a retired seal by this number. */
  readonly generation: number;
  readonly record: SessionRecord;
}

/** Writes the bytes of a session. */
export function writePayload({ handle, generation, record }: Payload): Buffer {
  const { data, flash, sentAttributes, createdAt, subjectSince = createdAt } = record;
  const body: unknown[] = [data, flash, sentAttributes, subjectSince - createdAt, generation];
  while (body.length > 1 && isEmpty(body.at(-1))) body.pop();
  const text = encode(body);
  const bytes = Buffer.allocUnsafe(BODY + Buffer.byteLength(text));
  bytes.write(handle, 0, HANDLE_BYTES, "base64url");
  bytes.writeUIntBE(record.createdAt, CREATED_AT, 6);
  bytes.writeUIntBE(Math.floor(record.expiresAt), EXPIRES_AT, 6);
  bytes.write(text, BODY, "utf8");
  return bytes;
}

/** Reads the session of such bytes; `undefined` if another version of Sojourn has written them. */
export function readPayload(bytes: Buffer): Payload | undefined {
  try {
    const body = decode(bytes.toString("utf8", BODY));
    if (!Array.isArray(body)) return undefined;
    const [data = EMPTY, flash = {}, sentAttributes = {}, since = 0, generation = 0] =
      body as Partial<
        [
          SessionRecord["data"],
          SessionRecord["flash"],
          SessionRecord["sentAttributes"],
          number,
          number,
        ]
      >;
    const createdAt = bytes.readUIntBE(CREATED_AT, 6);
    return {
      handle: bytes.toString("base64url", 0, HANDLE_BYTES),
      generation,
      record: {
        data,
        flash,
        sentAttributes,
        createdAt,
        expiresAt: bytes.readUIntBE(EXPIRES_AT, 6),
        subjectSince: createdAt + since,
      },
    };
  } catch {
    return undefined;
  }
}

function isEmpty(part: unknown): boolean {
  return part === 0 || (typeof part === "object" && Object.keys(part ?? {}).length === 0);
}
