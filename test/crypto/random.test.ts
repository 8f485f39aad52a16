import { randomFillSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newToken, newHandle } from "../../src/crypto/token.ts";
import { createPool, takeRandom } from "../../src/crypto/random.ts";

describe("a pool of random bytes", () => {
  it("the pool hands out its bytes in order, and wipes them where they were", () => {
    let pool: Uint8Array = new Uint8Array();
    let filled = Buffer.alloc(0);
    const take = createPool((bytes) => {
      pool = randomFillSync(bytes);
      filled = Buffer.from(bytes);
    });
    const [a, b] = [take(48), take(16)];
    expect(a).toEqual(filled.subarray(0, 48));
    expect(b).toEqual(filled.subarray(48, 64));
    expect(Buffer.from(pool.subarray(0, 64))).toEqual(Buffer.alloc(64));
    expect(Buffer.from(pool.subarray(64))).toEqual(filled.subarray(64));
  });

  it("the pool is filled anew if it ends within what is asked for", () => {
    let fills = 0;
    const take = createPool((bytes) => bytes.fill((fills += 1)));
    expect(take(4000)).toEqual(Buffer.alloc(4000, 1));
    expect(take(97)).toEqual(Buffer.alloc(97, 2));
    expect(take(3999)).toEqual(Buffer.alloc(3999, 2));
    expect(take(1)).toEqual(Buffer.alloc(1, 3));
  });
});

describe("random bytes", () => {
  it("two draws are never the same", () => {
    const taken = Array.from({ length: 5000 }, (_, n) => takeRandom(16 + (n % 33)));
    expect(taken.map((bytes) => bytes.length)).toEqual(taken.map((_, n) => 16 + (n % 33)));
    expect(new Set(taken.map((bytes) => bytes.toString("hex", 0, 16))).size).toBe(5000);
  });

  it("a handle takes 16 bytes, and a token takes 32 more", () => {
    const bytes = (text: string) => Buffer.from(text, "base64url");
    expect(bytes(newHandle())).toHaveLength(16);
    expect(bytes(newToken("session").cookie)).toHaveLength(48);
  });

  it("drawn bytes belong to the caller alone", () => {
    const [a, b] = [takeRandom(16), takeRandom(16)];
    const copy = Buffer.from(b);
    a.fill(1);
    takeRandom(4096);
    expect(b).toEqual(copy);
  });
});
