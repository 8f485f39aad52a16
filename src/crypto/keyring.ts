import { createSecretKey, hkdfSync } from "node:crypto";
import { configError } from "../core/errors.ts";
import { HmacSha256 } from "./hmac.ts";
import { ownText } from "./own-bytes.ts";
import { KEY_BYTES, Xaes } from "./xaes.ts";

/** The length of a key id, in bytes. */
export const KEY_ID_BYTES = 4;

/** The keys made from one secret, and the public name that a seal or a digest carries to find them again. */
export interface RingKey {
  readonly id: Buffer;
  readonly cipher: Xaes;
  /** HMAC-SHA-256 under a key of its own, which seals nothing. The parts of the message follow each other. */
  mac(...parts: readonly Uint8Array[]): Buffer;
}

/** The first key seals; all open. */
export interface Keyring {
  readonly first: RingKey;
  /** All keys, the first one in front. */
  readonly keys: readonly [RingKey, ...RingKey[]];
  keyWithId(id: number): RingKey | undefined;
}

/**
 * Makes the keys of a list of secrets, once, by HKDF-SHA-256 (RFC 5869) with a purpose label. A secret has 256 bits or
 * more, so that stretching would add nothing. A key for one purpose never opens the seal of another purpose.
 */
export function createKeyring(secrets: readonly [string, ...string[]], purpose: string): Keyring {
  const [first, ...others] = secrets;
  const firstKey = createKey(first, purpose);
  const keys = new Map([[idOf(firstKey.id, 0), firstKey]]);
  for (const secret of others) {
    const key = createKey(secret, purpose);
    if (keys.has(idOf(key.id, 0))) {
      throw configError(
        "two secrets share a key id, by a chance of 1 in 2^32; replace one of them",
      );
    }
    keys.set(idOf(key.id, 0), key);
  }
  const [, ...rest] = keys.values();
  return { first: firstKey, keys: [firstKey, ...rest], keyWithId: (id) => keys.get(id) };
}

/** The key id at an offset of some bytes. */
export function idOf(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset);
}

function createKey(secret: string, purpose: string): RingKey {
  const input = ownText(secret, "utf8");
  const derive = (label: string, length: number): Buffer =>
    Buffer.from(hkdfSync("sha256", input, "", `sojourn ${purpose} ${label}`, length));
  const hmac = new HmacSha256(derive("mac key", KEY_BYTES));
  return {
    id: derive("key id", KEY_ID_BYTES),
    cipher: new Xaes(createSecretKey(derive("key", KEY_BYTES))),
    mac: (...parts) => hmac.of(...parts),
  };
}
