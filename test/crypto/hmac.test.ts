import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HmacSha256 } from "../../src/crypto/hmac.ts";

const KEY = Buffer.alloc(32, 0xaa);

describe("L3: HMAC-SHA-256", () => {
  it.each([
    [
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      "4a656665",
      "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
  ])("it gives the result of RFC 4231 for the key %s", (key, message, expected) => {
    const hmac = new HmacSha256(Buffer.from(key, "hex"));
    expect(hmac.of(Buffer.from(message)).toString("hex")).toBe(expected);
  });

  it("it gives what Node's own gives, for every key and every message, in parts or whole", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const keys = fc.uint8Array({ minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(keys, fc.array(bytes, { minLength: 1, maxLength: 3 }), (key, parts) => {
        const whole = Buffer.concat(parts);
        const expected = createHmac("sha256", key).update(whole).digest("hex");
        expect(new HmacSha256(key).of(...parts).toString("hex")).toBe(expected);
        expect(new HmacSha256(key).of(whole).toString("hex")).toBe(expected);
      }),
    );
  });

  it("one message leaves nothing that the next one meets", () => {
    const hmac = new HmacSha256(KEY);
    const [first, second] = [Buffer.from("first"), Buffer.from("second")];
    const before = hmac.of(first);
    const kept = before.toString("hex");
    hmac.of(second);
    expect(before.toString("hex")).toBe(kept);
    expect(hmac.of(first).toString("hex")).toBe(kept);
  });

  it("util.inspect shows no key", () => {
    const text = inspect(new HmacSha256(KEY), { depth: 9, showHidden: true });
    expect(text).not.toMatch(/9c|f6|aa/);
  });
});
