import type { SessionRecord } from "../core/store.ts";
import { EMPTY } from "../core/values.ts";
import { HANDLE_BYTES } from "../crypto/credential.ts";
import { decode, encode } from "../core/codec.ts";

/*
 * What a cookie seals, in as few bytes as it takes:
 *   handle, 16 bytes | created at, 6 | expires at, 6 | [data, flash, attributes sent, since] as text
 * Times are milliseconds since the epoch; `since` counts from the creation. What is empty at the end of the list is
 * left out.
 */
const CREATED_AT = HANDLE_BYTES;
const EXPIRES_AT = CREATED_AT + 6;
const BODY = EXPIRES_AT + 6;

/** The bytes of a record. */
export function writeSealed(handle: string, record: SessionRecord): Buffer {
  const { data, flash, sent, createdAt, since = createdAt } = record;
  const body: unknown[] = [data, flash, sent, since - createdAt];
  while (body.length > 1 && isEmpty(body.at(-1))) body.pop();
  const text = encode(body);
  const bytes = Buffer.allocUnsafe(BODY + Buffer.byteLength(text));
  bytes.write(handle, 0, HANDLE_BYTES, "base64url");
  bytes.writeUIntBE(record.createdAt, CREATED_AT, 6);
  bytes.writeUIntBE(Math.floor(record.expiresAt), EXPIRES_AT, 6);
  bytes.write(text, BODY, "utf8");
  return bytes;
}

/** The record of such bytes; `undefined` when they are from a version that wrote something else. */
export function readSealed(
  bytes: Buffer,
): { readonly handle: string; readonly record: SessionRecord } | undefined {
  try {
    const body = decode(bytes.toString("utf8", BODY));
    if (!Array.isArray(body)) return undefined;
    const [data = EMPTY, flash = {}, sent = {}, since = 0] = body as Partial<
      [SessionRecord["data"], SessionRecord["flash"], SessionRecord["sent"], number]
    >;
    const createdAt = bytes.readUIntBE(CREATED_AT, 6);
    return {
      handle: bytes.toString("base64url", 0, HANDLE_BYTES),
      record: {
        data,
        flash,
        sent,
        createdAt,
        expiresAt: bytes.readUIntBE(EXPIRES_AT, 6),
        since: createdAt + since,
      },
    };
  } catch {
    return undefined;
  }
}

function isEmpty(part: unknown): boolean {
  return part === 0 || (typeof part === "object" && Object.keys(part ?? {}).length === 0);
}
