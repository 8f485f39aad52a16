import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newToken, newHandle, sameDigest } from "../../src/crypto/token.ts";
import { readToken } from "../support/read-token.ts";
import type { PresentedToken } from "../../src/crypto/token.ts";
import { newVersion } from "../../src/crypto/version.ts";
import { anyText } from "../support/arbitraries.ts";

describe("L3: the cookie of a table", () => {
  it("the cookie is 64 characters: a handle and a token, of which the row keeps only the digest", () => {
    const { cookie, handle, digest } = newToken("session");
    expect(cookie).toMatch(/^[\w-]{64}$/);
    const bytes = Buffer.from(cookie, "base64url");
    expect(handle).toBe(bytes.subarray(0, 16).toString("base64url"));
    const hash = createHash("sha256").update("session\0").update(bytes.subarray(16));
    expect(digest).toBe(hash.digest("base64url"));
    expect(readToken("session", cookie)).toEqual({ handle, digest });
  });

  it("a renewal keeps the handle and changes the token", () => {
    const handle = newHandle();
    const [a, b] = [newToken("session", handle), newToken("session", handle)];
    expect([a.handle, b.handle]).toEqual([handle, handle]);
    expect(a.cookie).not.toBe(b.cookie);
    expect(sameDigest(a.digest, b.digest)).toBe(false);
  });

  it("a token has another digest under another cookie name", () => {
    const { cookie } = newToken("session");
    const [a, b] = ["session", "sessio"].map((name) => readToken(name, cookie)?.digest);
    expect(a && b && sameDigest(a, b)).toBe(false);
  });

  it.each([
    "",
    "A".repeat(63),
    "A".repeat(65),
    `${"A".repeat(63)}=`,
    `${"A".repeat(63)}+`,
    "é".repeat(64),
  ])("the text %j is no cookie", (cookie) => {
    expect(readToken("session", cookie)).toBeUndefined();
  });

  it("any bytes are read as what they say, and the digest covers one cookie name and one token", () => {
    const bytes = fc.uint8Array({ minLength: 48, maxLength: 48 });
    const name = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,9}$/);
    fc.assert(
      fc.property(bytes, bytes, name, name, (mine, theirs, name, otherName) => {
        const read = (name: string, bytes: Uint8Array): PresentedToken | undefined =>
          readToken(name, Buffer.from(bytes).toString("base64url"));
        const one = read(name, mine);
        const hash = createHash("sha256").update(name).update("\0").update(mine.subarray(16));
        expect(one?.handle).toBe(Buffer.from(mine.subarray(0, 16)).toString("base64url"));
        expect(one?.digest).toBe(hash.digest("base64url"));
        for (const [itsName, other] of [
          [otherName, mine],
          [name, theirs],
          [otherName, theirs],
        ] as const) {
          const two = read(itsName, other);
          const equal =
            itsName === name && Buffer.compare(mine.subarray(16), other.subarray(16)) === 0;
          expect(one && two && sameDigest(one.digest, two.digest)).toBe(equal);
        }
      }),
    );
  });

  it("a text that is shorter, longer, or not base64url is no cookie", () => {
    const text = fc.oneof(anyText(80), fc.stringMatching(/^[\w-]{60,68}$/));
    fc.assert(
      fc.property(text, (cookie) => {
        const right = /^[\w-]{64}$/.test(cookie);
        expect(readToken("session", cookie) !== undefined).toBe(right);
      }),
      { numRuns: 500 },
    );
  });

  it("two cookies are never the same", () => {
    const cookies = Array.from({ length: 1000 }, () => newToken("session").cookie);
    expect(new Set(cookies).size).toBe(1000);
  });

  it("a digest of another length is different, and no error", () => {
    const { digest } = newToken("session");
    expect(sameDigest(digest, digest)).toBe(true);
    for (const other of [digest.slice(1), `${digest}A`, "", `${digest.slice(1)}é`]) {
      expect(sameDigest(digest, other)).toBe(false);
    }
  });
});

describe("the version of a row", () => {
  it("a version is a whole number from 0 to 2^53 - 1, and uses all of that room", () => {
    const versions = Array.from({ length: 2000 }, newVersion);
    expect(versions.every((each) => Number.isSafeInteger(each) && each >= 0)).toBe(true);
    expect(new Set(versions).size).toBe(2000);
    expect(Math.max(...versions)).toBeGreaterThan(2 ** 52);
    expect(Math.min(...versions)).toBeLessThan(2 ** 52);
  });
});
