import { hash } from "node:crypto";
import { ownJoin } from "./own-bytes.ts";

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/**
 * HMAC-SHA-256 (RFC 2104) with one key: SHA-256 over the outer pad and a SHA-256 over the inner pad and the message.
 * Each request with a token needs one. Node's own `Hmac` is a stream, which takes three times as long for a text of
 * this size, and leaves an object to the collector that it must finalize.
 */
export class HmacSha256 {
  readonly #inner: Buffer;
  /** The outer pad, and behind it the place of the inner hash. No call ends before it has used what it has put there. */
  readonly #outer: Buffer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

  /** @param key at most 64 bytes, the length of a block */
  constructor(key: Uint8Array) {
    this.#inner = Buffer.alloc(BLOCK_BYTES);
    for (let at = 0; at < BLOCK_BYTES; at++) {
      const byte = key[at] ?? 0;
      this.#inner[at] = byte ^ 0x36;
      this.#outer[at] = byte ^ 0x5c;
    }
  }

  /** @param parts of the message, one behind the other */
  of(...parts: readonly Uint8Array[]): Buffer {
    const inner = hash("sha256", ownJoin(this.#inner, ...parts), "hex");
    this.#outer.write(inner, BLOCK_BYTES, "hex");
    return Buffer.from(hash("sha256", this.#outer, "hex"), "hex");
  }
}
