import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newCredential, newHandle } from "../../src/crypto/credential.ts";
import { takeRandom } from "../../src/crypto/random.ts";

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

/** Takes what is left of the pool; gives the pool as it was just filled, and as it is from now on. */
function freshPool(): { readonly filled: Buffer; readonly pool: Buffer } {
  const source = vi.spyOn(crypto, "randomFillSync");
  syncBuiltinESMExports();
  while (source.mock.calls.length === 0) takeRandom(1);
  const pool = source.mock.calls[0]?.[0] as Buffer;
  // The byte that was just taken is wiped already.
  return { filled: Buffer.from(pool), pool };
}

describe("random bytes", () => {
  it("are those of the system, in order, and are wiped where they were", () => {
    const { filled, pool } = freshPool();
    const [a, b] = [takeRandom(48), takeRandom(16)];
    expect(a).toEqual(filled.subarray(1, 49));
    expect(b).toEqual(filled.subarray(49, 65));
    expect(pool.subarray(0, 65)).toEqual(Buffer.alloc(65));
    expect(pool.subarray(65)).toEqual(filled.subarray(65));
  });

  it("are 16 for a handle, and 32 more for a secret", () => {
    const { filled } = freshPool();
    expect(newHandle()).toBe(filled.toString("base64url", 1, 17));
    expect(newCredential("session").cookie).toBe(filled.toString("base64url", 17, 65));
  });

  it("are never the same twice, also where the pool ends within what is asked for", () => {
    const taken = Array.from({ length: 5000 }, (_, n) => takeRandom(16 + (n % 33)));
    expect(taken.map((bytes) => bytes.length)).toEqual(taken.map((_, n) => 16 + (n % 33)));
    expect(new Set(taken.map((bytes) => bytes.toString("hex", 0, 16))).size).toBe(5000);
  });

  it("belong to whom they were given", () => {
    const [a, b] = [takeRandom(16), takeRandom(16)];
    const copy = Buffer.from(b);
    a.fill(1);
    takeRandom(4096);
    expect(b).toEqual(copy);
  });
});
