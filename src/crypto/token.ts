import { hash, timingSafeEqual } from "node:crypto";
import { decodeBase64url } from "./base64url.ts";
import { ownBytes } from "./own-bytes.ts";
import { takeRandom } from "./random.ts";

/** The length of a handle in bytes. A handle is the public name of a session, and the key of its row. */
export const HANDLE_BYTES = 16;
/** The length of a token in bytes. A handle opens its row only together with the token. */
const TOKEN_BYTES = 32;
/** The length of a handle and a token together, in bytes. */
export const PAIR_BYTES: number = HANDLE_BYTES + TOKEN_BYTES;
const COOKIE_LENGTH = (PAIR_BYTES * 4) / 3;

/** The content of a table's cookie: the key of the row, and the proof that the browser may read it. */
export interface PresentedToken {
  readonly handle: string;
  /** The row knows the token by this digest only: SHA-256 over cookie name and token, base64url; or a keyed one. */
  readonly digest: string;
}

/** A token that was just made. Only now is its cookie known here. */
export interface FreshToken extends PresentedToken {
  readonly cookie: string;
}

/** Whether a text has the shape of a handle: 16 bytes are 22 characters. No other text names a session. */
export function isHandle(text: string): boolean {
  return /^[\w-]{22}$/.test(text);
}

/** Draws a handle, as base64url. */
export function newHandle(): string {
  return takeRandom(HANDLE_BYTES).toString("base64url");
}

/** Draws a token for a new session, or, with a `handle`, for the renewal of that session. Gives handle and token. */
export function drawPair(handle?: string): Buffer {
  const pair = takeRandom(PAIR_BYTES);
  if (handle !== undefined) pair.write(handle, "base64url");
  return pair;
}

/** Draws a token for a new session, or, with a `handle`, for the renewal of that session. */
export function newToken(cookieName: string, handle?: string): FreshToken {
  const pair = drawPair(handle);
  return { ...plainToken(cookieName, pair), cookie: pair.toString("base64url") };
}

/** Reads a cookie without an authenticator. Gives handle and token, or `undefined` if the value has another shape. */
export function readPair(cookie: string): Buffer | undefined {
  return cookie.length === COOKIE_LENGTH ? decodeBase64url(cookie) : undefined;
}

/** The token of a pair, known by its digest without a key. */
export function plainToken(cookieName: string, pair: Buffer): PresentedToken {
  return { handle: handleOf(pair), digest: plainDigest(cookieName, pair) };
}

/** The handle in front of a token. */
export function handleOf(pair: Buffer): string {
  return pair.toString("base64url", 0, HANDLE_BYTES);
}

/** The digest of a token without a key: SHA-256 over cookie name and token. */
export function plainDigest(cookieName: string, pair: Buffer): string {
  // A cookie name is ASCII without NUL, so that the NUL after it marks its end.
  const input = ownBytes(cookieName.length + 1 + TOKEN_BYTES);
  pair.copy(input, input.write(`${cookieName}\0`, "latin1"), HANDLE_BYTES, PAIR_BYTES);
  return hash("sha256", input, "base64url");
}

/** Compares digests in constant time. */
export function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
