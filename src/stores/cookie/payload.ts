import type { SessionRecord } from "../../core/store.ts";
import { EMPTY } from "../../core/data/values.ts";
import { HANDLE_BYTES } from "../../crypto/token.ts";
import { decode, encode } from "../../core/data/codec.ts";

/*
 * What a cookie seals, in as few bytes as it takes:
 *   handle, 16 bytes | created at, 6 | expires at, 6 | [data, flash, attributes sent, since, generation] as text
 * Times are milliseconds since the epoch; `since` counts from the creation. What is empty at the end of the list is
 * left out.
 */
const CREATED_AT = HANDLE_BYTES;
const EXPIRES_AT = CREATED_AT + 6;
const BODY = EXPIRES_AT + 6;

/** A session as a cookie holds it. */
export interface Payload {
  readonly handle: string;
  /** How often it was renewed: what the server knows a retired seal by. */
  readonly generation: number;
  readonly record: SessionRecord;
}

/** The bytes of a sealed session. */
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

/** The session of such bytes; `undefined` when they are from a version that wrote something else. */
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
