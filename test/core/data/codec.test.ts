import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyIn } from "../../../src/core/data/values.ts";
import { decode, encode, sameStored } from "../../../src/core/data/codec.ts";
import { anyText, plain, storable } from "../../support/arbitraries.ts";
import { canonical } from "../../support/canonical.ts";

const stored = storable().map((value) => copyIn(value, ["key"]));

describe("L18: the text of a stored value", () => {
  it("the text gives the value back as it was", () => {
    fc.assert(
      fc.property(stored, (value) => {
        expect(canonical(decode(encode(value)))).toBe(canonical(value));
      }),
      { numRuns: 500 },
    );
  });

  it("the text is well-formed and holds no U+0000, so that every database takes it", () => {
    fc.assert(
      fc.property(stored, (value) => {
        const text = encode(value);
        expect(text.includes("\0")).toBe(false);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it("the text is the same for the value that it gives back, so that reading changes nothing", () => {
    fc.assert(
      fc.property(stored, (value) => {
        const back = decode(encode(value));
        expect(encode(back)).toBe(encode(value));
        expect(sameStored(back, value)).toBe(true);
      }),
    );
  });

  it("a text that was changed anywhere is a value or an error, and touches no prototype", () => {
    const change = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: anyText(3) });
    const prototypes = [Object, Array, Map, Date, Function].map((each) => each.prototype as object);
    const before = prototypes.map((each) => Reflect.ownKeys(each).length);
    fc.assert(
      fc.property(stored, change, (value, { at, remove, insert }) => {
        const text = encode(value);
        const place = at % text.length;
        const changed = text.slice(0, place) + insert + text.slice(place + remove);
        try {
          decode(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        expect(prototypes.map((each) => Reflect.ownKeys(each).length)).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });

  it("the text is JSON if JSON gives the value back", () => {
    fc.assert(
      fc.property(plain(), (value) => {
        expect(encode(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each([
    ["an own __proto__", Object.fromEntries([["__proto__", { admin: true }]])],
    [
      "an own __proto__ beside a Date",
      Object.fromEntries([
        ["__proto__", new Date(0)],
        ["a", 1],
      ]),
    ],
    ["a Map from lone surrogates", new Map([["\ud800", "\udfff"]])],
    ["-0, NaN and Infinity", [-0, Number.NaN, -Infinity]],
    ["a text that looks like the serializer's mark", "~[1]"],
    ["a key with a lone surrogate beside a bigint", { "\udc00": 1n }],
    ["U+0000, U+2028 and a closing tag beside a Date", ["\0\u2028</script>", new Date(1)]],
  ])("the text keeps %s", (_, value: unknown) => {
    const back = decode(encode(copyIn(value, ["key"])));
    expect(canonical(back)).toBe(canonical(value));
    expect("admin" in {}).toBe(false);
  });

  it.each(["", "~", "{", "~{", '~[["Unknown",1],2]', "undefined"])(
    "the text %j is an error, and runs no code",
    (text) => {
      expect(() => decode(text)).toThrow();
    },
  );
});
