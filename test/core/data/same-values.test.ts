import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameStored as same } from "../../../src/core/data/codec.ts";
import { copyIn, define, isPlain, own } from "../../../src/core/data/values.ts";
import { plain, storable } from "../../support/arbitraries.ts";
import { canonical } from "../../support/canonical.ts";

const put = (value: unknown): unknown => copyIn(value, ["key"]);

describe("the comparison of values", () => {
  it("a value and its copy are the same", () => {
    fc.assert(fc.property(storable(), (value) => same(put(value), put(value))));
    expect(same(put([new Date(Number.NaN)]), put([new Date(Number.NaN)]))).toBe(true);
  });

  it("values are not the same if a reader sees a difference", () => {
    fc.assert(
      fc.property(storable(), storable(), (a, b) => {
        expect(same(put(a), put(b))).toBe(canonical(a) === canonical(b));
      }),
    );
  });

  it.each([
    ["0 and -0", 0, -0],
    ["a missing key and one that is undefined", {}, { a: undefined }],
    ["null and undefined inside", [null], [undefined]],
    ["an array and an object", [1], { 0: 1 }],
    ["1 and 1n", 1, 1n],
    ["typed arrays of two types", Uint8Array.of(1), Int8Array.of(1)],
    [
      "Maps in another order",
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ["Sets in another order", new Set([1, 2]), new Set([2, 1])],
    ["objects whose keys are in another order", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ])("the values %s are not the same", (_, a: unknown, b: unknown) => {
    expect(same(put(a), put(b))).toBe(false);
  });
});

describe("plain values", () => {
  it("a plain value is one that JSON gives back as it is", () => {
    fc.assert(
      fc.property(fc.oneof(plain(), storable()), (value) => {
        const stored = put(value);
        const text = JSON.stringify(stored, (_, item: unknown) =>
          typeof item === "bigint" ? `${item}n` : item,
        );
        const back = canonical(JSON.parse(text));
        expect(isPlain(stored)).toBe(back === canonical(stored));
      }),
    );
  });
});

describe("the object that holds the data", () => {
  it("__proto__ is a key among others, and nothing is inherited", () => {
    const bag: Record<string, unknown> = {};
    define(bag, "__proto__", { admin: true });
    expect(own(bag, "__proto__")).toEqual({ admin: true });
    expect(own(bag, "admin")).toBeUndefined();
    expect(own({}, "toString")).toBeUndefined();
    expect("admin" in {}).toBe(false);
  });
});
