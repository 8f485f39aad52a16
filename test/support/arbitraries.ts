import fc from "fast-check";
import type { Arbitrary } from "fast-check";

/** Any UTF-16 text: also U+0000, and surrogates that stand alone. */
export function anyText(maxLength = 8): Arbitrary<string> {
  const unit = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  );
  return fc.string({ unit, maxLength });
}

/** Names of keys, with those that are special to JavaScript objects. */
export function anyKey(): Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom("__proto__", "constructor", "toString", "toJSON", "then", "length", "0", ""),
    anyText(),
  );
}

/** Whatever a session may hold under one key. */
export function storable(): Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(anyText(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.oneof(fc.bigInt(), fc.date({ noInvalidDate: false }), fc.constant(-0), typedArray()),
      fc.array(fc.oneof(tie("value"), fc.constant(undefined)), { maxLength: 4 }),
      objectOf(fc.oneof(tie("value"), fc.constant(undefined))),
      fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 }).map((list) => new Map(list)),
      fc.array(tie("value"), { maxLength: 3 }).map((list) => new Set(list)),
    ),
  })).value;
}

/** What JSON gives back as it is. */
export function plain(): Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(anyText(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie("value"), { maxLength: 4 }),
      objectOf(tie("value")),
    ),
  })).value;
}

/** Objects of any keys; `__proto__` among them is an own property. */
export function objectOf<T>(value: Arbitrary<T>): Arbitrary<Record<string, T>> {
  return fc
    .uniqueArray(fc.tuple(anyKey(), value), { maxLength: 4, selector: ([key]) => key })
    .map((entries) => Object.fromEntries(entries));
}

function typedArray(): Arbitrary<unknown> {
  return fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.uint8ClampedArray({ maxLength: 4 }),
    fc.int16Array({ maxLength: 4 }),
    fc.float32Array({ maxLength: 4 }),
    fc.float64Array({ maxLength: 4 }),
    fc.bigInt64Array({ maxLength: 4 }),
    fc.bigUint64Array({ maxLength: 4 }),
  );
}
