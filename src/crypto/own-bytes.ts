/**
 * Memory for what must stay secret. Node cuts short Buffers out of a slab that the whole process shares, and each of
 * them shows all of the slab as its `buffer`. An application that sends such a `buffer` by mistake must not send tokens
 * or keys with it, so that ours stand in a slab of their own.
 */
const SLAB_BYTES = 16_384;

let slab: Buffer | undefined;
let used = 0;

/** Bytes that no other Buffer shows. What they hold at first is undefined. */
export function ownBytes(length: number): Buffer {
  if (length > SLAB_BYTES / 4) return Buffer.allocUnsafeSlow(length);
  if (!slab || used + length > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  return slab.subarray(used, (used += length));
}

/** The bytes of a text, as `Buffer.from` gives them. */
export function ownText(text: string, encoding: "utf8" | "base64url"): Buffer {
  const bytes = ownBytes(Buffer.byteLength(text, encoding));
  const written = bytes.write(text, encoding);
  return written === bytes.length ? bytes : bytes.subarray(0, written);
}

/** The bytes of several parts, one behind the other, as `Buffer.concat` gives them. */
export function ownJoin(...parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = ownBytes(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
