import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import process from "node:process";
import { ownJoin, ownText } from "./own-bytes.ts";

/** The lengths of an XAES-256-GCM key, nonce and tag, in bytes. */
export const KEY_BYTES = 32;
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;

/**
 * The version of Node decides which form of a key is faster. Node 24 tells bytes from a KeyObject by catching
 * exceptions, which takes three times as long as a whole message. In other versions the KeyObject costs more. Some
 * runtimes name no version of Node.
 */
const versions: { readonly node?: string } | undefined = process.versions;
const messageKey: (bytes: Buffer) => Buffer | KeyObject = versions?.node?.startsWith("24.")
  ? createSecretKey
  : (bytes) => bytes;

/**
 * XAES-256-GCM as C2SP specifies it (https://c2sp.org/XAES-256-GCM): AES-256-GCM with a 192-bit nonce. The first half
 * of the nonce derives a key for this message alone. Random nonces are safe for 2^80 messages under one key; with
 * AES-GCM's own 96 bits they are safe for 2^32.
 */
export class Xaes {
  /** AES-256 on single blocks. ECB keeps no state between blocks, so that one cipher can encrypt all of them. */
  readonly #aes: ReturnType<typeof createCipheriv>;
  /** The blocks M1 xor K1 and M2 xor K1 of the key derivation, with zeros in the place of the nonce. */
  readonly #blocks: Buffer = Buffer.alloc(32);
  /** The same blocks with the nonce of one message. No call ends before it has used them. */
  readonly #message: Buffer = Buffer.alloc(32);

  constructor(key: KeyObject | Uint8Array) {
    const secret = key instanceof Uint8Array ? createSecretKey(key) : key;
    this.#aes = createCipheriv("aes-256-ecb", secret, null).setAutoPadding(false);
    const subkey = double(this.#aes.update(Buffer.alloc(16)));
    this.#blocks.set(subkey, 0);
    this.#blocks.set(subkey, subkey.length);
    for (const [counter, at] of [
      [1, 0],
      [2, 16],
    ] as const) {
      xor(this.#blocks, at + 1, counter);
      xor(this.#blocks, at + 2, 0x58); // "X"
    }
  }

  /** Gives the ciphertext followed by the tag. */
  seal(nonce: Uint8Array, plaintext: string | Uint8Array, associated: Uint8Array): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#deriveKey(nonce), nonce.subarray(12));
    cipher.setAAD(associated);
    const text = typeof plaintext === "string" ? ownText(plaintext, "utf8") : plaintext;
    const head = cipher.update(text);
    return ownJoin(head, cipher.final(), cipher.getAuthTag());
  }

  /** Gives the plaintext, or `undefined` if key, nonce, text or associated data are not those of the seal. */
  open(nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Buffer | undefined {
    const end = sealed.length - TAG_BYTES;
    if (end < 0) return undefined;
    const cipher = createDecipheriv("aes-256-gcm", this.#deriveKey(nonce), nonce.subarray(12), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(associated);
    cipher.setAuthTag(sealed.subarray(end));
    const plaintext = cipher.update(sealed.subarray(0, end));
    try {
      cipher.final();
    } catch {
      return undefined; // No part of a plaintext that did not verify may leave.
    }
    return plaintext;
  }

  /** Kx = AES_K(M1 xor K1) || AES_K(M2 xor K1), where M1 and M2 hold the first half of the nonce. */
  #deriveKey(nonce: Uint8Array): Buffer | KeyObject {
    const blocks = this.#message;
    blocks.set(this.#blocks);
    for (let i = 0; i < 12; i++) {
      const byte = nonce[i] ?? 0;
      xor(blocks, 4 + i, byte);
      xor(blocks, 20 + i, byte);
    }
    return messageKey(this.#aes.update(blocks));
  }
}

function xor(bytes: Buffer, at: number, value: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ value;
}

/** Doubles a block in GF(2^128) with the polynomial of CMAC (NIST SP 800-38B), in constant time. */
function double(block: Buffer): Buffer {
  const result = Buffer.alloc(16);
  let carry = 0;
  for (let i = 15; i >= 0; i--) {
    const byte = block[i] ?? 0;
    result[i] = (byte << 1) | carry;
    carry = byte >> 7;
  }
  xor(result, 15, 0x87 & -carry);
  return result;
}
