import { createHash, createSecretKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES, Xaes } from "../../src/crypto/xaes.ts";

const NONE = new Uint8Array(0);

/** The first bytes of SHAKE-128 over nothing, as a stream. */
function shakeStream(bytes: number): (length: number) => Buffer {
  const stream = createHash("shake128", { outputLength: bytes }).digest();
  let at = 0;
  return (length) => stream.subarray(at, (at += length));
}

describe("L10: XAES-256-GCM", () => {
  it.each([
    [0x01, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"],
    [0x03, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"],
  ])(
    "the cipher gives the specification's ciphertext for the key of bytes %i and the data %j",
    (byte, aad, hex) => {
      const cipher = new Xaes(Buffer.alloc(KEY_BYTES, byte));
      const nonce = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWX");
      const sealed = cipher.seal(nonce, "XAES-256-GCM", Buffer.from(aad));
      expect(sealed.toString("hex")).toBe(hex);
      expect(cipher.open(nonce, sealed, Buffer.from(aad))?.toString()).toBe("XAES-256-GCM");
    },
  );

  it("the cipher gives the specification's hash over 10,000 random seals, and opens each", () => {
    const read = shakeStream(10_000 * (KEY_BYTES + NONCE_BYTES + 2 * 256));
    const byte = (): number => read(1).readUInt8();
    const hash = createHash("shake128", { outputLength: 32 });
    let opened = 0;
    for (let i = 0; i < 10_000; i++) {
      const cipher = new Xaes(read(KEY_BYTES));
      const nonce = read(NONCE_BYTES);
      const plaintext = read(byte());
      const associated = read(byte());
      const sealed = cipher.seal(nonce, plaintext, associated);
      if (cipher.open(nonce, sealed, associated)?.equals(plaintext)) opened++;
      hash.update(sealed);
    }
    expect(opened).toBe(10_000);
    expect(hash.digest("hex")).toBe(
      "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939",
    );
  });

  it("the cipher is the same for a key object and for its bytes", () => {
    const bytes = Buffer.alloc(KEY_BYTES, 7);
    const nonce = Buffer.alloc(NONCE_BYTES, 1);
    const [a, b] = [new Xaes(bytes), new Xaes(createSecretKey(bytes))];
    expect(a.seal(nonce, "text", NONE)).toEqual(b.seal(nonce, "text", NONE));
  });

  it("one message leaves nothing behind for the next", () => {
    const cipher = new Xaes(Buffer.alloc(KEY_BYTES, 7));
    const nonce = Buffer.alloc(NONCE_BYTES, 1);
    const first = cipher.seal(nonce, "text", NONE);
    cipher.seal(Buffer.alloc(NONCE_BYTES, 2), "another", Buffer.from("data"));
    cipher.open(nonce, Buffer.alloc(40), NONE);
    expect(cipher.seal(nonce, "text", NONE)).toEqual(first);
  });

  it("a seal opens nothing if one bit of nonce, ciphertext, tag or associated data differs", () => {
    const cipher = new Xaes(Buffer.alloc(KEY_BYTES, 7));
    const parts = [Buffer.alloc(NONCE_BYTES, 1), Buffer.from("x"), Buffer.from("associated")];
    const [nonce = NONE, plaintext = NONE, associated = NONE] = parts;
    const sealed = cipher.seal(nonce, plaintext, associated);
    const flip = (bytes: Uint8Array, bit: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return copy;
    };
    const opened: unknown[] = [];
    for (let bit = 0; bit < nonce.length * 8; bit++) {
      opened.push(cipher.open(flip(nonce, bit), sealed, associated));
    }
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      opened.push(cipher.open(nonce, flip(sealed, bit), associated));
    }
    for (let bit = 0; bit < associated.length * 8; bit++) {
      opened.push(cipher.open(nonce, sealed, flip(associated, bit)));
    }
    expect(opened.filter((each) => each !== undefined)).toEqual([]);
    expect(cipher.open(nonce, sealed, associated)?.toString()).toBe("x");
  });

  it("a seal opens with the same key, nonce and data, and with no others", () => {
    const key = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
    const nonce = fc.uint8Array({ minLength: NONCE_BYTES, maxLength: NONCE_BYTES });
    const text = fc.uint8Array({ maxLength: 70 });
    const all = fc.record({ key, nonce, text, associated: text });
    fc.assert(
      fc.property(all, all, (mine, other) => {
        const sealed = new Xaes(mine.key).seal(mine.nonce, mine.text, mine.associated);
        expect(sealed.length).toBe(mine.text.length + TAG_BYTES);
        for (const [key, nonce, associated] of [
          [mine.key, mine.nonce, mine.associated],
          [other.key, mine.nonce, mine.associated],
          [mine.key, other.nonce, mine.associated],
          [mine.key, mine.nonce, other.associated],
        ] as const) {
          const same =
            Buffer.compare(key, mine.key) === 0 &&
            Buffer.compare(nonce, mine.nonce) === 0 &&
            Buffer.compare(associated, mine.associated) === 0;
          const opened = new Xaes(key).open(nonce, sealed, associated);
          expect(opened).toEqual(same ? Buffer.from(mine.text) : undefined);
        }
      }),
    );
  });

  it("a text of any length that was not sealed opens nothing", () => {
    const cipher = new Xaes(Buffer.alloc(KEY_BYTES, 7));
    const nonce = Buffer.alloc(NONCE_BYTES, 1);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 * TAG_BYTES }), (bytes) => {
        expect(cipher.open(nonce, bytes, NONE)).toBeUndefined();
      }),
    );
  });

  it("a seal of another key opens nothing", () => {
    const nonce = Buffer.alloc(NONCE_BYTES, 1);
    const sealed = new Xaes(Buffer.alloc(KEY_BYTES, 7)).seal(nonce, "text", NONE);
    expect(new Xaes(Buffer.alloc(KEY_BYTES, 8)).open(nonce, sealed, NONE)).toBeUndefined();
  });
});
