/**
 * All that a reader can tell about a stored value, as one text: two values are the same when their texts are.
 * Knows -0, NaN, holes, order, prototypes and own keys such as `__proto__`, where assertion libraries differ.
 */
export function canonical(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    const items = Array.from(value, (item, at) => (at in value ? canonical(item) : "hole"));
    return `[${items.join()}]`;
  }
  const name = nameOf(value);
  if (value instanceof Date) return `${name}(${value.getTime()})`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${canonical(key)}=>${canonical(item)}`);
    return `${name}{${entries.join()}}`;
  }
  if (value instanceof Set) return `${name}{${[...value].map(canonical).join()}}`;
  if (ArrayBuffer.isView(value)) {
    const items = Array.from(value as unknown as Iterable<unknown>, canonical);
    return `${name}[${items.join()}]`;
  }
  const entries = Reflect.ownKeys(value).map(
    (key) => `${String(key)}:${canonical(Reflect.getOwnPropertyDescriptor(value, key)?.value)}`,
  );
  return `${name}{${entries.join()}}`;
}

function nameOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor: unknown } | null;
  return prototype && typeof prototype.constructor === "function"
    ? prototype.constructor.name
    : "null";
}
