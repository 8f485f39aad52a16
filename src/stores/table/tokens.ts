import type { Refused, StoreContext } from "../../core/store.ts";
import { idOf } from "../../crypto/keyring.ts";
import type { Keyring } from "../../crypto/keyring.ts";
import {
  isBySameKey,
  isKeyedCookie,
  keyIdOf,
  keyedDigest,
  keyedToken,
  readKeyedCookie,
} from "../../crypto/keyed-token.ts";
import { ownText } from "../../crypto/own-bytes.ts";
import {
  PAIR_BYTES,
  drawPair,
  handleOf,
  newToken,
  plainDigest,
  plainToken,
  readPair,
  sameDigest,
} from "../../crypto/token.ts";
import type { FreshToken, PresentedToken } from "../../crypto/token.ts";
import type { Protection } from "./protection.ts";
import type { Row } from "./row.ts";

/** A token as a request has presented it. */
export interface ReadToken extends PresentedToken {
  /** The same token in the cookie that this store would issue, if the browser has another one. */
  readonly renewedCookie?: string | undefined;
}

/** Draws and reads the tokens of one cookie name: with a secret keyed ones, without it plain ones. */
export class Tokens {
  readonly #cookieName: string;
  readonly #now: () => number;
  readonly #protection: Protection | undefined;

  constructor({ cookieName, now }: StoreContext, protection: Protection | undefined) {
    this.#cookieName = cookieName;
    this.#now = now;
    this.#protection = protection;
  }

  /** Draws a token for a new session, or, with a `handle`, for that session. */
  readonly draw = (handle?: string): FreshToken => {
    if (!this.#protection?.seals) return newToken(this.#cookieName, handle);
    return this.of(drawPair(handle));
  };

  /** The token of a handle and its other half. */
  of(pair: Buffer): FreshToken {
    const protection = this.#protection;
    if (!protection?.seals) return { ...this.#plain(pair), cookie: pair.toString("base64url") };
    const { first } = protection.keyring;
    return { handle: handleOf(pair), ...keyedToken(first, this.#cookieName, pair) };
  }

  /** Reads a cookie, and refuses one that this application has not issued, as far as that can be known without a row. */
  read(cookie: string): ReadToken | Refused {
    const protection = this.#protection;
    if (protection && isKeyedCookie(cookie)) return this.#readKeyed(protection, cookie);
    if (protection && this.#now() >= protection.unsealedUntil) return { refused: "malformed" };
    const pair = readPair(cookie);
    if (!pair) return { refused: "malformed" };
    return protection?.seals ? this.#asIssued(protection, pair) : this.#plain(pair);
  }

  #readKeyed(protection: Protection, cookie: string): ReadToken | Refused {
    const { keyring, seals } = protection;
    const read = readKeyedCookie(keyring, this.#cookieName, cookie);
    if (!read) return { refused: "forged" };
    if (!seals) return this.#plain(read.pair);
    if (read.key !== keyring.first) return this.#asIssued(protection, read.pair);
    return { handle: handleOf(read.pair), digest: read.digest };
  }

  #plain(pair: Buffer): ReadToken {
    return plainToken(this.#cookieName, pair);
  }

  /** A token whose cookie bears no authenticator, or not the first key's. */
  #asIssued({ keyring }: Protection, pair: Buffer): ReadToken {
    const { cookie, digest } = keyedToken(keyring.first, this.#cookieName, pair);
    return { handle: handleOf(pair), digest, renewedCookie: cookie };
  }

  /**
   * The row, with the digest that a presented token has here wherever the row knows the token by another key. All that
   * follows compares texts, and what is written from then on bears the first key's id.
   */
  recognize(row: Row, token: PresentedToken, cookie: string): Row {
    const protection = this.#protection;
    if (!protection) return row;
    // Mostly all of the row is by the token's own key: only a rotation leaves digests of others.
    if (isAllBySameKey(row, token)) return row;
    const own = keyIdOf(token.digest);
    const pair = ownText(cookie, "base64url").subarray(0, PAIR_BYTES);
    const known = new Map([[own, token.digest]]);
    const digestLike = (id: string): string => {
      const digest = known.get(id) ?? digestBy(protection.keyring, id, this.#cookieName, pair);
      known.set(id, digest);
      return digest;
    };
    return mapDigests(row, (digest) => {
      const id = keyIdOf(digest);
      return id !== own && sameDigest(digest, digestLike(id)) ? token.digest : digest;
    });
  }
}

/** The digest of a token by the key with this id; empty, so that it is nobody's, if there is no such key. */
function digestBy(keyring: Keyring, id: string, cookieName: string, pair: Buffer): string {
  if (id === "") return plainDigest(cookieName, pair);
  const key = keyring.keyWithId(idOf(Buffer.from(id, "base64url"), 0));
  return key ? keyedDigest(key, cookieName, pair) : "";
}

/** Whether all digests of a row are by the key that has made the token's. */
function isAllBySameKey({ digest, next, retired }: Row, token: PresentedToken): boolean {
  const isBySame = (each: string): boolean => isBySameKey(each, token.digest);
  return (
    isBySame(digest) &&
    (next?.digests.every(isBySame) ?? true) &&
    (retired?.digests.every(isBySame) ?? true)
  );
}

function mapDigests(row: Row, change: (digest: string) => string): Row {
  const { digest, next, retired } = row;
  return {
    ...row,
    digest: change(digest),
    next: next && { ...next, digests: next.digests.map(change) },
    retired: retired && {
      ...retired,
      digests: retired.digests.map(change),
      ...(retired.former && { former: retired.former.map(change) }),
    },
  };
}
