import { timingSafeEqual } from "node:crypto";
import { decodeBase64url } from "./base64url.ts";
import { KEY_ID_BYTES, idOf } from "./keyring.ts";
import type { Keyring, RingKey } from "./keyring.ts";
import { ownJoin } from "./own-bytes.ts";
import { PAIR_BYTES } from "./token.ts";

/*
 * A keyed cookie value is base64url over
 *   handle, 16 bytes | token, 32 | key id, 4 | authenticator, 11
 * One HMAC-SHA-256 over cookie name, handle and token gives both the digest that the row keeps and the authenticator.
 * They are different bytes of it, so that neither says anything about the other.
 */
const AUTHENTICATOR = PAIR_BYTES + KEY_ID_BYTES;
const DIGEST_BYTES = 21;
const AUTHENTICATOR_BYTES = 11;
const COOKIE_LENGTH = ((AUTHENTICATOR + AUTHENTICATOR_BYTES) * 4) / 3;

const KEY_ID_LENGTH = 6;
const DIGEST_LENGTH = KEY_ID_LENGTH + (DIGEST_BYTES * 4) / 3;

/** A cookie whose authenticator a key of ours has made. */
export interface Authentic {
  /** Handle and token. */
  readonly pair: Buffer;
  readonly key: RingKey;
  /** The digest of the token by that key. */
  readonly digest: string;
}

/** Whether a text is as long as a keyed cookie. */
export function isKeyedCookie(cookie: string): boolean {
  return cookie.length === COOKIE_LENGTH;
}

/** The cookie of a handle and a token, with the authenticator of a key, and the digest that the row keeps. */
export function keyedToken(
  key: RingKey,
  cookieName: string,
  pair: Buffer,
): { readonly cookie: string; readonly digest: string } {
  const mac = macOf(key, cookieName, pair);
  const cookie = ownJoin(pair, key.id, mac.subarray(DIGEST_BYTES)).toString("base64url");
  return { cookie, digest: digestOf(key, mac) };
}

/** The digest of a token by a key. It bears the key's id. */
export function keyedDigest(key: RingKey, cookieName: string, pair: Buffer): string {
  return digestOf(key, macOf(key, cookieName, pair));
}

/** Reads a keyed cookie. Gives `undefined` if it is not base64url, or no key of the ring has made its authenticator. */
export function readKeyedCookie(
  keyring: Keyring,
  cookieName: string,
  cookie: string,
): Authentic | undefined {
  const bytes = decodeBase64url(cookie);
  const key = bytes && keyring.keyWithId(idOf(bytes, PAIR_BYTES));
  if (!key) return undefined;
  const pair = bytes.subarray(0, PAIR_BYTES);
  const mac = macOf(key, cookieName, pair);
  if (!timingSafeEqual(mac.subarray(DIGEST_BYTES), bytes.subarray(AUTHENTICATOR))) return undefined;
  return { pair, key, digest: digestOf(key, mac) };
}

/** Whether one key has made two digests, or none has. */
export function isBySameKey(one: string, other: string): boolean {
  return one.length === other.length && keyIdOf(one) === keyIdOf(other);
}

/** The id of the key that has made a digest, as text; empty for a digest without a key. */
export function keyIdOf(digest: string): string {
  return digest.length === DIGEST_LENGTH ? digest.slice(0, KEY_ID_LENGTH) : "";
}

function macOf(key: RingKey, cookieName: string, pair: Buffer): Buffer {
  // A cookie name is ASCII without NUL, so that the NUL after it marks its end.
  return key.mac(Buffer.from(`token\0${cookieName}\0`, "latin1"), pair);
}

function digestOf({ id }: RingKey, mac: Buffer): string {
  return id.toString("base64url") + mac.toString("base64url", 0, DIGEST_BYTES);
}
