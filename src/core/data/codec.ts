import { parse, stringify } from "devalue";
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
  return isPlain(value) ? JSON.stringify(value) : RICH + stringify(value, REDUCERS);
}

/** Whether two values have the same text. The order of keys, entries and elements counts. */
export function sameStored(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return encode(a) === encode(b);
}

/** Reads a value from its text. @throws if it is not such a text */
export function decode(text: string): unknown {
  if (!text.startsWith(RICH)) return JSON.parse(text) as unknown;
  return parse(text.slice(RICH.length), REVIVERS) as unknown;
}
