import { parse, stringify } from "devalue";
import { define, isPlain } from "./values.ts";

/** Marks text of the serializer that knows more than JSON. No JSON text starts so. */
const RICH = "~";

/** An object with an own key called `__proto__`, which the serializer refuses: it travels as its entries. */
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
 * Text of a stored value: JSON where JSON gives it back as it is; else devalue's format, which keeps
 * undefined, NaN, bigint, Date, Map, Set and typed arrays, and runs no code when it is read.
 */
export function encode(value: unknown): string {
  return isPlain(value) ? JSON.stringify(value) : RICH + stringify(value, REDUCERS);
}

/** Whether two values would be stored as the same text: the order of keys, entries and elements counts. */
export function sameStored(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return encode(a) === encode(b);
}

/** The value of such a text. @throws when it is not one */
export function decode(text: string): unknown {
  if (!text.startsWith(RICH)) return JSON.parse(text) as unknown;
  return parse(text.slice(RICH.length), REVIVERS) as unknown;
}
