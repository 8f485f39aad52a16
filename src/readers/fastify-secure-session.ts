import type { OldSession, SessionReader } from "../core/cookie/old-session.ts";
import { configError } from "../core/errors.ts";
import { decoded, parseObject, readCookieOptions } from "./cookies.ts";
import type { CookieOptions } from "./cookies.ts";

/**
 * Opens a box of libsodium's `crypto_secretbox` (XSalsa20 and Poly1305), which `node:crypto` does not have. It gives the
 * plain bytes, and `null` or an error for a box that is forged.
 */
export type OpenSecretbox = (
  box: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
) => Uint8Array | null | undefined;

/** Options of {@link fastifySecureSession}. */
export interface FastifySecureSessionReaderOptions extends CookieOptions {
  /** The option `key` of `@fastify/secure-session`: 32 bytes, as bytes or as base64, or a list of keys. */
  readonly key: string | Uint8Array | undefined | readonly (string | Uint8Array | undefined)[];
  /** The function of a library that opens a secretbox. */
  readonly open: OpenSecretbox;
  /** The option `expiry` of `@fastify/secure-session`, in seconds. Default 86401. */
  readonly expiry?: number | undefined;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 24;
/** The library's own default. */
const EXPIRY = 86_401;

/**
 * Reads the sessions of `@fastify/secure-session`. The default name is `session`.
 * @throws ERR_SESSION_CONFIG if a key is none, or `open` is missing
 * @example
 * ```ts no-check="the package of the cipher is no package of this repository"
 * import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
 * import { fastifySecureSession } from "sojourn/adopt";
 *
 * const reader = fastifySecureSession({
 *   key: process.env["OLD_KEY"],
 *   open: (box, nonce, key) => xsalsa20poly1305(key, nonce).decrypt(box),
 * });
 * ```
 */
export function fastifySecureSession(options: FastifySecureSessionReaderOptions): SessionReader {
  const { name, place } = readCookieOptions("fastifySecureSession", options, "session", [
    "key",
    "open",
    "expiry",
  ]);
  const { open, expiry = EXPIRY } = options;
  const keys = readBytes(options.key);
  if (typeof open !== "function") {
    throw configError(
      "fastifySecureSession needs open: the function of a library that opens a secretbox, for example " +
        "(box, nonce, key) => xsalsa20poly1305(key, nonce).decrypt(box) of @noble/ciphers/salsa.js, or " +
        "nacl.secretbox.open of tweetnacl",
    );
  }
  const decrypt = (box: Buffer, nonce: Buffer): string | undefined => {
    for (const key of keys) {
      try {
        const plain = open(box, nonce, key);
        if (plain) return Buffer.from(plain).toString();
      } catch {
        // Another key has made the box, or nobody has.
      }
    }
    return undefined;
  };
  return {
    library: "@fastify/secure-session",
    place,
    owns: (each) => each === name,
    read(cookies, now): OldSession | undefined {
      const [box = "", nonce = ""] = decoded(cookies, name).split(";");
      const [boxBytes, nonceBytes] = [Buffer.from(box, "base64"), Buffer.from(nonce, "base64")];
      if (boxBytes.length === 0 || nonceBytes.length !== NONCE_BYTES) return undefined;
      const plain = decrypt(boxBytes, nonceBytes);
      const all = plain === undefined ? undefined : parseObject(plain);
      if (!all) return undefined;
      const { __ts, ...data } = all;
      if (typeof __ts !== "number" || (__ts + expiry) * 1000 <= now) return undefined;
      // Of the bytes: base64 has several texts for the same bytes.
      const unique = Buffer.concat([nonceBytes, boxBytes]).toString("base64");
      return { unique, load: () => ({ data }) };
    },
  };
}

function readBytes(key: unknown): readonly Uint8Array[] {
  const given: readonly unknown[] = Array.isArray(key) ? key : [key];
  const keys = given.map((each) => (typeof each === "string" ? Buffer.from(each, "base64") : each));
  const fits = (each: unknown): each is Uint8Array =>
    each instanceof Uint8Array && each.length === KEY_BYTES;
  if (keys.length > 0 && keys.every(fits)) return keys;
  throw configError(
    `fastifySecureSession needs key: ${KEY_BYTES} bytes, as bytes or as base64, or a list of keys (is the environment ` +
      "variable set?)",
  );
}
