import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { SEAL_BYTES, Sealer } from "../../src/crypto/sealer.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";

const sealer = new Sealer(createKeyring([SECRET], "test"));
const place = fc.stringMatching(/^[\w\0-]{0,40}$/);

describe("L10: a sealer", () => {
  it("the sealer opens what it has sealed, at its place, and adds as many bytes as it says", () => {
    fc.assert(
      fc.property(fc.uint8Array(), place, fc.nat(255), (content, place, format) => {
        const sealed = sealer.seal(format, content, place);
        expect(sealed.length).toBe(content.length + SEAL_BYTES);
        expect(sealed[0]).toBe(format);
        const opened = sealer.open(sealed, place);
        expect([opened?.plain, opened?.isFirst]).toEqual([Buffer.from(content), true]);
      }),
    );
  });

  it("a seal opens at no other place", () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        fc.pre(one !== other);
        expect(sealer.open(sealer.seal(1, "text", one), other)).toBeUndefined();
      }),
    );
  });

  it("a seal of which any bit was changed opens nowhere", () => {
    const sealed = sealer.seal(1, "text", "place");
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(sealer.open(changed, "place")).toBeUndefined();
    }
  });

  it("bytes that are too short for a seal open nothing, and are no error", () => {
    const sealed = sealer.seal(1, "", "place");
    for (let length = 0; length < sealed.length; length++) {
      expect(sealer.open(sealed.subarray(0, length), "place")).toBeUndefined();
    }
    expect(sealer.open(sealed, "place")?.plain.length).toBe(0);
  });

  it("the first secret seals, and a seal of another one opens as such", () => {
    const both = new Sealer(createKeyring([SECRET, OLD_SECRET], "test"));
    const old = new Sealer(createKeyring([OLD_SECRET], "test"));
    const opened = both.open(old.seal(1, "text", "place"), "place");
    expect([opened?.plain.toString(), opened?.isFirst]).toEqual(["text", false]);
    expect(old.open(both.seal(1, "text", "place"), "place")).toBeUndefined();
  });
});
