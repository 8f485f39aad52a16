import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64url } from "../../src/crypto/base64url.ts";
import { anyText } from "../support/arbitraries.ts";

describe("base64url", () => {
  it("a text gives back the bytes that it encodes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64url");
        expect(decodeBase64url(text)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("bytes have one text, and no other is taken", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.base64String({ maxLength: 12 }),
      fc.stringMatching(/^[\w-]{0,12}$/),
      anyText(12),
    );
    fc.assert(
      fc.property(text, (each) => {
        const bytes = decodeBase64url(each);
        const canonical = Buffer.from(each, "base64url").toString("base64url") === each;
        expect(bytes !== undefined).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["A", "AAAAA", "AB", "AAB", "AA==", "AA=", "A A", "AA\n", "+/+/", "ÄA", "AA\0"])(
    "the text %j is refused",
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined();
    },
  );
});
