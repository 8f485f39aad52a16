import { stringify, unflatten } from "devalue";
import { checkDepth, checkParts } from "./stored-bounds.ts";
import { define, isPlain } from "./values.ts";

/** The mark in front of devalue's text. No JSON text begins with it. */
const RICH = "~";

/** An object with an own key `__proto__` is written as its entries, because devalue refuses such an object. */
const REDUCERS = {
  Entries: (value: unknown): unknown =>
    typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")
      ? Object.entries(value)
      : undefined,
};
const REVIVERS = {
  Entries: (entries: [string, unknown][]): unknown => {
    const object: Record<string, unknown> = {};
    for (const [key, value] of entries) define(object, key, value);
    return object;
  },
};

/**
 * Writes a value as text. The text is JSON if JSON gives the value back as it is. Otherwise it is in devalue's format,
 * which keeps undefined, NaN, bigint, Date, Map, Set and typed arrays, and runs no code when it is read.
 */
export function encode(value: unknown): string {
  return isPlain(value) ? JSON.stringify(value) : encodeShared(value);
}

/**
 * Writes a value as text that has each repeated text once, where plain JSON would be too long. A session that fits beside
 * a Date must also fit when the Date is deleted.
 */
export function encodeShared(value: unknown): string {
  return RICH + stringify(value, REDUCERS);
}

/** Whether two values have the same text. The order of keys, entries and elements counts. */
export function sameStored(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return encode(a) === encode(b);
}

/** Reads a value from its text. @throws if {@link encode} cannot have written it */
export function decode(text: string): unknown {
  if (!text.startsWith(RICH)) {
    const value = JSON.parse(text) as unknown;
    checkDepth(value, text);
    return value;
  }
  const parts = JSON.parse(text.slice(RICH.length)) as number | unknown[];
  checkParts(parts, text);
  return unflatten(parts, REVIVERS) as unknown;
}
