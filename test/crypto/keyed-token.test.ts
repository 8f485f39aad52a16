import { createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.ts";
import {
  isKeyedCookie,
  keyIdOf,
  keyedDigest,
  keyedToken,
  readKeyedCookie,
} from "../../src/crypto/keyed-token.ts";
import { rowKey } from "../../src/crypto/row-key.ts";
import { drawPair, newToken, plainDigest } from "../../src/crypto/token.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";

const NAME = "__Host-session";
const ring = createKeyring([SECRET, OLD_SECRET], "session table");
const [key, oldKey] = ring.keys as [(typeof ring.keys)[0], (typeof ring.keys)[0]];

describe("L3: a cookie with an authenticator", () => {
  it("the cookie is handle, token, key id and a part of an HMAC, whose other part is the digest", () => {
    const pair = drawPair();
    const { cookie, digest } = keyedToken(key, NAME, pair);
    expect(cookie).toMatch(/^[\w-]{84}$/);
    const macKey = Buffer.from(hkdfSync("sha256", SECRET, "", "sojourn session table mac key", 32));
    const mac = createHmac("sha256", macKey).update(`token\0${NAME}\0`).update(pair).digest();
    const bytes = Buffer.from(cookie, "base64url");
    expect(bytes.subarray(0, 48).equals(pair)).toBe(true);
    expect(bytes.subarray(48, 52).equals(key.id)).toBe(true);
    expect(bytes.subarray(52).equals(mac.subarray(21))).toBe(true);
    expect(digest).toBe(key.id.toString("base64url") + mac.subarray(0, 21).toString("base64url"));
  });

  it("every key of the ring is found by its id, and the digest bears it", () => {
    const pair = drawPair();
    for (const each of [key, oldKey]) {
      const { cookie, digest } = keyedToken(each, NAME, pair);
      expect(readKeyedCookie(ring, NAME, cookie)).toEqual({ pair, key: each, digest });
      expect(keyIdOf(digest)).toBe(each.id.toString("base64url"));
      expect(keyedDigest(each, NAME, pair)).toBe(digest);
    }
    expect(keyIdOf(plainDigest(NAME, pair))).toBe("");
  });

  it("a cookie of which any bit was changed is refused", () => {
    const bytes = Buffer.from(keyedToken(key, NAME, drawPair()).cookie, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readKeyedCookie(ring, NAME, changed.toString("base64url"))).toBeUndefined();
    }
  });

  it("a cookie of another name, another secret or another spelling is refused", () => {
    const { cookie } = keyedToken(key, NAME, drawPair());
    expect(readKeyedCookie(ring, "__Host-sessio", cookie)).toBeUndefined();
    const others = createKeyring([OLD_SECRET], "session table");
    expect(readKeyedCookie(others, NAME, cookie)).toBeUndefined();
    for (const wrong of ["+", "=", "é", " "]) {
      const spelled = cookie.slice(0, -1) + wrong;
      expect(isKeyedCookie(spelled)).toBe(true);
      expect(readKeyedCookie(ring, NAME, spelled)).toBeUndefined();
    }
  });

  it("a cookie without an authenticator has another length", () => {
    expect(isKeyedCookie(newToken(NAME).cookie)).toBe(false);
    expect(isKeyedCookie(keyedToken(key, NAME, drawPair()).cookie)).toBe(true);
  });

  it("the name of a side row with a key bears the key's id, and differs by secret, purpose, cookie name and subject", () => {
    const names = [
      rowKey("subject", NAME, "ann", key),
      rowKey("subject", NAME, "ann", oldKey),
      rowKey("revoked", NAME, "ann", key),
      rowKey("subject", "other", "ann", key),
      rowKey("subject", NAME, "bob", key),
      rowKey("subject", NAME, "ann"),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toMatch(/^[\w-]{49}$/);
    expect(names[0]?.startsWith(key.id.toString("base64url"))).toBe(true);
  });
});
