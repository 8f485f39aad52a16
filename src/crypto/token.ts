import { hash, timingSafeEqual } from "node:crypto";
import { decodeBase64url } from "./base64url.ts";
import { takeRandom } from "./random.ts";

/** The length of a handle in bytes. A handle is the public name of a session, and the key of its row. */
export const HANDLE_BYTES = 16;
/** The length of a token in bytes. A handle opens its row only together with the token. */
const TOKEN_BYTES = 32;
const COOKIE_LENGTH = ((HANDLE_BYTES + TOKEN_BYTES) * 4) / 3;

/** The content of a table's cookie: the key of the row, and the proof that the browser may read it. */
export interface PresentedToken {
  readonly handle: string;
  /** SHA-256 over cookie name and token, base64url. The row knows the token by this digest only. */
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

/** Draws a token for a new session, or, with a `handle`, for the renewal of that session. */
export function newToken(cookieName: string, handle?: string): FreshToken {
  const bytes = takeRandom(HANDLE_BYTES + TOKEN_BYTES);
  if (handle !== undefined) bytes.write(handle, "base64url");
  return { ...readBytes(cookieName, bytes), cookie: bytes.toString("base64url") };
}

/** Reads a cookie. Gives `undefined` if the value does not have the shape of a table's cookie. */
export function readToken(cookieName: string, cookie: string): PresentedToken | undefined {
  if (cookie.length !== COOKIE_LENGTH) return undefined;
  const bytes = decodeBase64url(cookie);
  return bytes && readBytes(cookieName, bytes);
}

/** Compares digests in constant time. */
export function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function readBytes(cookieName: string, bytes: Buffer): PresentedToken {
  // A cookie name is ASCII without NUL, so that the NUL after it marks its end.
  const input = Buffer.allocUnsafe(cookieName.length + 1 + TOKEN_BYTES);
  bytes.copy(input, input.write(`${cookieName}\0`, "latin1"), HANDLE_BYTES);
  return {
    handle: bytes.toString("base64url", 0, HANDLE_BYTES),
    digest: hash("sha256", input, "base64url"),
  };
}
