import { hash, timingSafeEqual } from "node:crypto";
import { decodeBase64url } from "./base64url.ts";
import { takeRandom } from "./random.ts";

/** Bytes of a handle: the public name of a session, and its row's key. */
export const HANDLE_BYTES = 16;
/** Bytes of a token: what makes the handle open its row. */
const TOKEN_BYTES = 32;
const COOKIE_LENGTH = ((HANDLE_BYTES + TOKEN_BYTES) * 4) / 3;

/** What a table's cookie says: which row, and the proof that it may be read. */
export interface PresentedToken {
  readonly handle: string;
  /** SHA-256 over cookie name and token, base64url: all that a row knows of the token. */
  readonly digest: string;
}

/** A credential that was just made: the only time that its cookie is known here. */
export interface FreshToken extends PresentedToken {
  readonly cookie: string;
}

/** Whether a text looks like a handle: 16 bytes are 22 characters. Anything else names no session. */
export function isHandle(text: string): boolean {
  return /^[\w-]{22}$/.test(text);
}

/** A fresh handle, base64url. */
export function newHandle(): string {
  return takeRandom(HANDLE_BYTES).toString("base64url");
}

/** A fresh token: for a new session, or, under its handle, for one that is renewed. */
export function newToken(cookieName: string, handle?: string): FreshToken {
  const bytes = takeRandom(HANDLE_BYTES + TOKEN_BYTES);
  if (handle !== undefined) bytes.write(handle, "base64url");
  return { ...readBytes(cookieName, bytes), cookie: bytes.toString("base64url") };
}

/** Reads a cookie; `undefined` when it has not the shape of one. */
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
  // A cookie name is ASCII without NUL, so that name and token cannot run into each other.
  const input = Buffer.allocUnsafe(cookieName.length + 1 + TOKEN_BYTES);
  bytes.copy(input, input.write(`${cookieName}\0`, "latin1"), HANDLE_BYTES);
  return {
    handle: bytes.toString("base64url", 0, HANDLE_BYTES),
    digest: hash("sha256", input, "base64url"),
  };
}
