import { createSecretKey, hash, hkdfSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { SessionError, configError } from "../../core/errors.ts";
import type { AdoptContext } from "../../core/store.ts";
import { createKeyring } from "../../crypto/keyring.ts";
import type { RingKey } from "../../crypto/keyring.ts";
import { ownText } from "../../crypto/own-bytes.ts";
import { readSecrets } from "../../crypto/secret.ts";
import { PAIR_BYTES } from "../../crypto/token.ts";

/** The keys of the option `adopt`. Whoever knows an old cookie and not the secret cannot tell what is derived from it. */
export class AdoptKeys {
  /** Names the marks of adopted sessions in the table. */
  readonly nameKey: RingKey;
  readonly #secret: KeyObject;
  readonly #cookieName: string;

  /** @throws ERR_SESSION_CONFIG if the secret can be guessed */
  constructor({ secret }: AdoptContext, cookieName: string) {
    const [first] = checked(secret);
    this.nameKey = createKeyring([first], "session adoption").first;
    this.#secret = createSecretKey(ownText(first, "utf8"));
    this.#cookieName = cookieName;
  }

  /** The handle and the token of the session that is made of an old one, by HKDF-SHA-256 (RFC 5869). */
  pair(unique: string): Buffer {
    // The info of HKDF is short, and a sealed cookie is long.
    const info = `sojourn adopted session\0${this.#cookieName}\0${hash("sha256", unique, "hex")}`;
    return Buffer.from(hkdfSync("sha256", this.#secret, "", info, PAIR_BYTES));
  }
}

function checked(secret: string): readonly [string, ...string[]] {
  try {
    return readSecrets(secret);
  } catch (error) {
    if (error instanceof SessionError) throw configError(`adopt.${error.message}`);
    throw error;
  }
}
