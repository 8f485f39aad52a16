/** How a table store writes cookies, digests and rows: without a secret, and with one. */
import { readSecrets } from "../../src/crypto/secret.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { keyedToken } from "../../src/crypto/keyed-token.ts";
import { Sealer } from "../../src/crypto/sealer.ts";
import { plainDigest } from "../../src/crypto/token.ts";
import { SealedRows } from "../../src/stores/table-access/row-seal.ts";

export interface RowForm {
  /** The cookie of a handle and a token, and the digest that its row keeps. */
  issue(pair: Buffer): { readonly cookie: string; readonly digest: string };
  /** How the text of a row stands in the table. */
  seal(handle: string, text: string): string;
}

export function plainForm(name: string): RowForm {
  return {
    issue: (pair) => ({ cookie: pair.toString("base64url"), digest: plainDigest(name, pair) }),
    seal: (_handle, text) => text,
  };
}

/** @param secret the one that makes authenticators, digests and seals */
export function keyedForm(name: string, secret: string): RowForm {
  const keyring = createKeyring(readSecrets(secret), "session table");
  const seals = new SealedRows(new Sealer(keyring), name, () => false, true);
  return {
    issue: (pair) => keyedToken(keyring.first, name, pair),
    seal: (handle, text) => seals.seal(handle, text),
  };
}
