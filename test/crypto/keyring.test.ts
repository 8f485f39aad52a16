import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyring, idOf } from "../../src/crypto/keyring.ts";
import { newSecret } from "../../src/crypto/secret.ts";
import { NONCE_BYTES } from "../../src/crypto/xaes.ts";
import { OLD_SECRET, SECRET } from "../support/secrets.ts";

const nonce = Buffer.alloc(NONCE_BYTES, 1);
const data = Buffer.from("data");

describe("L10: a keyring", () => {
  it("the keyring finds every key by its id, and seals with the first", () => {
    const ring = createKeyring([SECRET, OLD_SECRET], "test");
    const old = createKeyring([OLD_SECRET], "test").first;
    expect(ring.keyWithId(idOf(ring.first.id, 0))).toBe(ring.first);
    const sealed = old.cipher.seal(nonce, "text", data);
    expect(ring.keyWithId(idOf(old.id, 0))?.cipher.open(nonce, sealed, data)?.toString()).toBe(
      "text",
    );
    expect(ring.keyWithId(1)).toBeUndefined();
  });

  it("the keyring opens what any of its secrets has sealed, wherever it stands, and nothing of others", () => {
    const pool = Array.from({ length: 6 }, newSecret);
    const some = fc.shuffledSubarray(pool, { minLength: 1 });
    fc.assert(
      fc.property(some, fc.constantFrom(...pool), ([first = "", ...others], sealer) => {
        const ring = createKeyring([first, ...others], "test");
        const { id, cipher } = createKeyring([sealer], "test").first;
        const sealed = cipher.seal(nonce, "text", data);
        const opened = ring.keyWithId(idOf(id, 0))?.cipher.open(nonce, sealed, data)?.toString();
        expect(opened).toBe([first, ...others].includes(sealer) ? "text" : undefined);
        expect(ring.first.id.equals(id)).toBe(sealer === first);
      }),
    );
  });

  it("the keyring makes the same keys on every machine", () => {
    // Written down, because a change of the derivation would log everybody out.
    const { id, cipher } = createKeyring([SECRET], "session cookie").first;
    expect(id.toString("hex")).toBe("2e60d059");
    const sealed = cipher.seal(nonce, "text", data).toString("hex");
    expect(sealed).toBe("9bbb612ad39d2169c6d0b9ad209f82f96f0c6c40");
  });

  it("another purpose or another secret makes other keys and ids", () => {
    const rings = [
      createKeyring([SECRET], "one"),
      createKeyring([SECRET], "two"),
      createKeyring([OLD_SECRET], "one"),
    ];
    expect(new Set(rings.map(({ first }) => first.id.toString("hex"))).size).toBe(3);
    const [one, two, other] = rings.map(({ first }) => first.cipher);
    const sealed = one?.seal(nonce, "text", data) ?? Buffer.alloc(0);
    expect(two?.open(nonce, sealed, data)).toBeUndefined();
    expect(other?.open(nonce, sealed, data)).toBeUndefined();
  });

  it("util.inspect shows no key and no secret", () => {
    const text = inspect(createKeyring([SECRET], "test"), { depth: 9, showHidden: true });
    expect(text).not.toContain(SECRET);
    expect(text).not.toMatch(/<Buffer( [0-9a-f]{2}){32}/);
  });
});
