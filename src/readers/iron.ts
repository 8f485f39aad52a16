import { createDecipheriv, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { isSameText, parseObject } from "./cookies.ts";

/** A password, or several by their ids. */
export type Password = string | Readonly<Record<string, string | undefined>>;

/** What an iron seal holds. */
export interface Unsealed {
  /** The part of the seal that its authenticator covers, as it stands there. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const PREFIX = "Fe26.2";
/** The format's own: seals are accepted for so many milliseconds after their end. */
const SKEW = 60_000;
const KEY_BYTES = 32;

const derive = promisify(pbkdf2);

/**
 * Opens a seal of `@hapi/iron` and `iron-webcrypto`: AES-256-CBC, authenticated by HMAC-SHA-256, with keys by PBKDF2.
 * Gives `undefined` if it is forged, damaged or over.
 * @param rounds the numbers of iterations that the library has used, one after the other
 */
export async function unseal(
  seal: string,
  password: Password,
  now: number,
  rounds: readonly number[],
): Promise<Unsealed | undefined> {
  const parts = seal.split("*");
  const [prefix, id = "", salt = "", iv = "", sealed = "", end = "", macSalt = "", mac = ""] =
    parts;
  if (parts.length !== 8 || prefix !== PREFIX) return undefined;
  const secret = secretOf(password, id);
  if (secret === undefined || (end !== "" && !(Number(end) > now - SKEW))) return undefined;
  const text = parts.slice(0, 6).join("*");
  for (const iterations of rounds) {
    const macKey = await derive(secret, macSalt, iterations, KEY_BYTES, "sha1");
    if (!isSameText(createHmac("sha256", macKey).update(text).digest("base64url"), mac)) continue;
    const key = await derive(secret, salt, iterations, KEY_BYTES, "sha1");
    const data = decrypt(key, iv, sealed);
    return data && { text, data };
  }
  return undefined;
}

/** A seal without an id was made with the one password, or with the one that the map calls `default`. */
function secretOf(password: Password, id: string): string | undefined {
  if (typeof password === "string") return password;
  const name = id === "" ? "default" : id;
  return Object.hasOwn(password, name) ? password[name] : undefined;
}

function decrypt(key: Buffer, iv: string, sealed: string): Unsealed["data"] | undefined {
  try {
    const decipher = createDecipheriv("aes-256-cbc", key, Buffer.from(iv, "base64url"));
    const plain = Buffer.concat([
      decipher.update(Buffer.from(sealed, "base64url")),
      decipher.final(),
    ]);
    return parseObject(plain.toString());
  } catch {
    return undefined;
  }
}
