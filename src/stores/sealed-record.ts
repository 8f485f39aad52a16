import type { SessionRecord } from "../core/store.ts";
import { EMPTY } from "../core/values.ts";
import { HANDLE_BYTES } from "../crypto/credential.ts";
import { decode, encode } from "../core/codec.ts";

/*
 * What a cookie seals, in as few bytes as it takes:
 *   handle, 16 bytes | created at, 6 | expires at, 6 | [data, flash, attributes sent] as text
 * Times are milliseconds since the epoch. Empty entries at the end of the list are left out.
 */
const CREATED_AT = HANDLE_BYTES;
const EXPIRES_AT = CREATED_AT + 6;
const BODY = EXPIRES_AT + 6;

/** The bytes of a record. */
export function writeSealed(handle: string, record: SessionRecord): Buffer {
  const { data, flash, sent } = record;
  const body: unknown[] = [data, flash, sent];
  while (body.length > 1 && Object.keys(body.at(-1) ?? {}).length === 0) body.pop();
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
    const [data = EMPTY, flash = {}, sent = {}] = body as Partial<
      [SessionRecord["data"], SessionRecord["flash"], SessionRecord["sent"]]
    >;
    return {
      handle: bytes.toString("base64url", 0, HANDLE_BYTES),
      record: {
        data,
        flash,
        sent,
        createdAt: bytes.readUIntBE(CREATED_AT, 6),
        expiresAt: bytes.readUIntBE(EXPIRES_AT, 6),
      },
    };
  } catch {
    return undefined;
  }
}
