import { isDeepStrictEqual, types } from "node:util";
import { SessionError, usageError } from "../errors.ts";
import type { SessionData } from "../store.ts";

/** The greatest depth of a value. Deeper values could exhaust the stack of a reader. */
export const MAX_DEPTH = 200;
/** The most values in a value. Each takes two characters of a row at least, so that no row holds more. */
const MOST_PARTS = 500_000;
/** An array of more elements has many. */
const MANY = 32;

type Path = readonly (string | number)[];

/** @throws ERR_SESSION_USE if this cannot name a value of the session */
export function checkDataKey(key: unknown): string {
  if (typeof key === "string") return key;
  throw usageError(`a session key must be a string, got ${key === null ? "null" : typeof key}`);
}

/** Data with no keys. */
export const EMPTY: SessionData = Object.freeze({});

/** Sets an own property, even if it is called `__proto__`. */
export function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    object[key] = value;
  }
}

/** Gives the value of an own key, or `undefined`. */
export function own(object: SessionData, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * Makes the session's own copy of a value, so that later changes by the caller do not reach it.
 *
 * It takes values that come back as they were: strings, numbers, booleans, null, bigint, plain objects, arrays, Date,
 * Map, Set, typed arrays, and `undefined` inside them.
 * @throws ERR_SESSION_NOT_SERIALIZABLE for anything else; the message names the path
 */
export function copyIn(value: unknown, path: Path): unknown {
  if (value === undefined) throw unstorable(path, "undefined; use delete to remove a key");
  return copyValue(value, { root: path, steps: [], above: [], left: MOST_PARTS }, 0);
}

/** The place of the value that is being copied. Only an error makes a path of it, because a path for each value costs. */
interface Place {
  readonly root: Path;
  /** The first n steps lead to a value at depth n. What stands behind them is left from other values. */
  readonly steps: (string | number)[];
  /** The objects that contain the value, by depth. */
  readonly above: object[];
  /** How many values may still follow. */
  left: number;
}

function copyValue(value: unknown, place: Place, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "undefined":
      return value;
    case "object":
      return value === null ? null : copyObject(value, place, depth);
    default:
      throw unstorable(pathOf(place, depth), `a ${typeof value}`);
  }
}

function copyObject(value: object, place: Place, depth: number): object {
  if (depth >= MAX_DEPTH) throw tooDeep(place);
  place.above[depth] = value;
  if (Array.isArray(value)) return copyArray(value, place, depth);
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto === Object.prototype) return copyPlain(value, place, depth);
  const exotic = copyExotic(value, (item, name) => {
    count(1, place, depth);
    place.steps[depth] = name;
    return copyValue(item, place, depth + 1);
  });
  if (exotic) return exotic;
  if (isPlainObject(value)) return copyPlain(value, place, depth);
  throw unstorable(pathOf(place, depth), instanceOf(value));
}

function copyPlain(value: object, place: Place, depth: number): object {
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw unstorable(pathOf(place, depth), "a symbol as a key");
  }
  const keys = Object.keys(value);
  count(keys.length, place, depth);
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    place.steps[depth] = key;
    define(copy, key, copyValue((value as SessionData)[key], place, depth + 1));
  }
  return copy;
}

function copyArray(value: readonly unknown[], place: Place, depth: number): unknown[] {
  count(value.length, place, depth); // Before the copy: an array may have a great length and nothing in it.
  checkPlainArray(value, place, depth);
  const copy = Array.from(value);
  for (let index = 0; index < copy.length; index++) {
    const item = copy[index];
    if (typeof item === "number" || typeof item === "string") continue;
    place.steps[depth] = index;
    copy[index] = copyValue(item, place, depth + 1);
  }
  return copy;
}

/** Refuses an array with more than its elements, such as the groups of a match or a subclass, which would be lost. */
function checkPlainArray(value: readonly unknown[], place: Place, depth: number): void {
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Array.prototype) {
    const above: unknown = Object.getPrototypeOf(proto);
    if (above === null || Object.getPrototypeOf(above) !== null) {
      throw unstorable(pathOf(place, depth), instanceOf(value));
    }
  }
  // The names of many elements take longer than everything else, and the comparison does without them.
  if (value.length > MANY && isDeepStrictEqual(value, Array.from(value))) return;
  const keys = Object.keys(value);
  if (keys.length <= value.length && keys.at(-1) === String(value.length - 1)) return;
  const extra = keys.find((key) => !/^\d+$/.test(key));
  if (extra !== undefined) {
    throw unstorable(pathOf(place, depth), `an array with the property "${writePath([extra])}"`);
  }
}

/** @throws ERR_SESSION_NOT_SERIALIZABLE if a value has more parts than any row can hold, as one does that shares them */
function count(parts: number, place: Place, depth: number): void {
  place.left -= parts;
  if (place.left < 0) throw unstorable(pathOf(place, depth), `more than ${MOST_PARTS} values`);
}

function pathOf({ root, steps }: Place, depth: number): Path {
  return [...root, ...steps.slice(0, depth)];
}

/** A cycle has no end, so that it always comes here, and need not be looked for at every object. */
function tooDeep(place: Place): SessionError {
  const { above } = place;
  const again = above.findIndex((object, depth) => above.indexOf(object) < depth);
  return again === -1
    ? unstorable(pathOf(place, MAX_DEPTH), `nested more than ${MAX_DEPTH} levels deep`)
    : unstorable(pathOf(place, again), "a reference to an object that contains it");
}

/** Names the class of a value. A property of the value itself is data, and must not be in a message. */
function instanceOf(value: object): string {
  const { constructor }: object = Object.getPrototypeOf(value) as object;
  return `an instance of ${constructor?.name || "a class"}`;
}

/**
 * Gives a value to a reader. Objects and arrays are frozen. Date, Map, Set and typed arrays cannot be frozen, so that
 * the reader gets a fresh copy of them, and of each object that holds one.
 */
export function copyOut(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  return freeze(isPlain(value) ? value : thaw(value));
}

/** Gives all data to a reader: frozen values in an object of its own, to which a template engine may write. */
export function copyAllOut(data: SessionData): SessionData {
  const all: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) define(all, key, copyOut(value));
  return all;
}

/** Copies a stored value. Nothing in the copy is frozen or shared. */
function thaw(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(thaw);
  const exotic = copyExotic(value, thaw);
  if (exotic) return exotic;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) define(copy, key, thaw(item));
  return copy;
}

function copyExotic(
  value: object,
  copy: (item: unknown, name: string) => unknown,
): object | undefined {
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto === Date.prototype && types.isDate(value)) return new Date(value.getTime());
  if (proto === Map.prototype && types.isMap(value)) {
    return new Map([...value].map(([key, item]) => [copy(key, "(key)"), copy(item, "(value)")]));
  }
  if (proto === Set.prototype && types.isSet(value)) {
    return new Set([...value].map((item) => copy(item, "(element)")));
  }
  if (ArrayBuffer.isView(value) && isTypedArray(value, proto)) return value.slice();
  return undefined;
}

/** Whether a value is a typed array and no subclass: a Buffer would come back as a Uint8Array. */
function isTypedArray(value: ArrayBufferView, proto: unknown): value is Uint8Array {
  return !(value instanceof DataView) && Object.getPrototypeOf(proto) === TYPED_ARRAY;
}
const TYPED_ARRAY: unknown = Object.getPrototypeOf(Uint8Array.prototype);

/** Whether a value is a plain object of any realm: its prototype is null, or an `Object.prototype`. */
export function isPlainObject(value: object): boolean {
  const proto: unknown = Object.getPrototypeOf(value);
  return proto === null || Object.getPrototypeOf(proto) === null;
}

/** Freezes objects and arrays. A frozen object was frozen here before, with everything in it. */
function freeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}

/** Whether JSON gives the value back exactly as it is. */
export function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      if (value === null) return true;
      if (Array.isArray(value)) return value.every(isPlain);
      return isPlainObject(value) && Object.values(value).every(isPlain);
    default:
      return false;
  }
}

function unstorable(path: Path, found: string): SessionError {
  return new SessionError(
    "ERR_SESSION_NOT_SERIALIZABLE",
    `session value "${writePath(path)}" cannot be stored: it is ${found}`,
  );
}

/** Writes a place in the data for a message. A long path loses its middle. */
export function writePath([key, ...rest]: Path): string {
  const steps = rest.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  const name = `${key}${steps}`;
  return name.length > 120 ? `${name.slice(0, 60)} … ${name.slice(-40)}` : name;
}
