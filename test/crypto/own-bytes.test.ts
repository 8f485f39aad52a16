import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownBytes, ownJoin, ownText } from "../../src/crypto/own-bytes.ts";

describe("bytes that no other Buffer shows", () => {
  it("they stand in no memory that Node shares", () => {
    const shared = new Set([Buffer.from("a").buffer]);
    const own = [ownBytes(1), ownBytes(100), ownText("text", "utf8"), ownJoin(Buffer.from("b"))];
    shared.add(Buffer.from("c").buffer);
    for (const { buffer } of own) expect(shared).not.toContain(buffer);
  });

  it("no two of them overlap, also where a slab ends", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 60 }), (lengths) => {
        const all = lengths.map((length) => ownBytes(length));
        for (const [index, bytes] of all.entries()) bytes.fill(index);
        for (const [index, bytes] of all.entries()) {
          expect(bytes).toEqual(Buffer.alloc(lengths[index] ?? 0, index));
        }
      }),
    );
  });

  it("a text has the bytes that Buffer.from gives", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.string());
    fc.assert(
      fc.property(text, fc.constantFrom("utf8" as const, "base64url" as const), (any, encoding) => {
        expect(ownText(any, encoding)).toEqual(Buffer.from(any, encoding));
      }),
      { numRuns: 1000 },
    );
  });

  it("parts follow each other as Buffer.concat puts them", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 })), (parts) => {
        expect(ownJoin(...parts)).toEqual(Buffer.concat(parts));
      }),
    );
  });
});
