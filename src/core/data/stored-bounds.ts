/**
 * The bounds of a stored text. Whoever writes to the table could store a few bytes that unfold into more than a process
 * can hold: too deep for the stack, in a circle, or shared so often that each level doubles the work of a reader.
 */
import { MAX_DEPTH } from "./values.ts";

/**
 * The most levels of a stored text. A value has {@link MAX_DEPTH}; an object with a key `__proto__` takes three, and the
 * row a few around them.
 */
const MOST_LEVELS = 3 * (MAX_DEPTH + 10);
/**
 * How often larger than its text a value may be. `put` copies whatever is shared, and after a renewal a row has its data
 * twice, in a text that has it once.
 */
const MOST_GROWTH = 2;

const VIEW =
  /^(?:Int8|Uint8|Uint8Clamped|Int16|Uint16|Float16|Int32|Uint32|Float32|Float64|BigInt64|BigUint64)Array$/;

/** @throws if a value that JSON has given is deeper than any that is stored */
export function checkDepth(value: unknown, text: string): void {
  // Each level takes two characters, so that most texts need no look.
  if (text.length >= 2 * MOST_LEVELS) descend(value, MOST_LEVELS);
}

function descend(value: unknown, levels: number): void {
  if (typeof value !== "object" || value === null) return;
  if (levels === 0) throw outOfBounds();
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object") descend(item, levels - 1);
    return;
  }
  for (const key of Object.keys(value)) {
    descend((value as Record<string, unknown>)[key], levels - 1);
  }
}

/** A part of a value, with all that it holds: each shared part counts as often as it is shared. */
interface Extent {
  readonly size: number;
  readonly height: number;
}

/** The mark of an array with holes. `put` has filled them with undefined. */
const SPARSE = -7;

const ATOM: Extent = { size: 1, height: 0 };
/** Stands for a part that is being measured. Whoever meets it has found a circle. */
const OPEN = "open";

/**
 * Checks devalue's list of parts, in which numbers are the places of other parts, before a value is made of it.
 * @throws if the value would be deeper or larger than any that is stored, or holds itself or a type that is never stored
 */
export function checkParts(parts: unknown, text: string): void {
  if (typeof parts === "number") return; // A single value such as NaN.
  if (!Array.isArray(parts)) throw outOfBounds();
  new Measure(parts, MOST_GROWTH * text.length).extent(0, MOST_LEVELS);
}

class Measure {
  readonly #parts: readonly unknown[];
  readonly #mostSize: number;
  readonly #known: (Extent | typeof OPEN | undefined)[] = [];

  constructor(parts: readonly unknown[], mostSize: number) {
    this.#parts = parts;
    this.#mostSize = mostSize;
  }

  /** @param levels how many more there may be */
  extent(at: number, levels: number): Extent {
    const part = this.#parts[at];
    if (typeof part !== "object" || part === null) return ATOM;
    const known = this.#known[at];
    if (known === OPEN) throw outOfBounds();
    const extent = known ?? this.#measure(at, part, levels);
    if (extent.height > levels) throw outOfBounds();
    return extent;
  }

  #measure(at: number, part: object, levels: number): Extent {
    if (levels === 0) throw outOfBounds();
    this.#known[at] = OPEN;
    let size = ownSize(part);
    let height = 0;
    for (const place of placesIn(part)) {
      if (typeof place !== "number") throw outOfBounds();
      const inner = this.extent(place, levels - 1);
      size += inner.size;
      height = Math.max(height, inner.height);
      if (size > this.#mostSize) throw outOfBounds();
    }
    const extent = { size, height: height + 1 };
    this.#known[at] = extent;
    return extent;
  }
}

/** Gives the places of the parts that a part holds. Negative ones are values such as undefined and NaN. */
function placesIn(part: object): readonly unknown[] {
  if (!Array.isArray(part)) return Object.values(part);
  const [type, ...inside] = part as unknown[];
  if (type === SPARSE) throw outOfBounds(); // Its length is in the text, and readers would count up to it.
  if (typeof type !== "string") return part;
  switch (type) {
    case "Map":
    case "Set":
    case "Entries":
      return inside;
    case "null": // An object without prototype, such as a field of a row that was read: keys and places in turn.
      return inside.filter((_, index) => index % 2 === 1);
    case "Date":
    case "BigInt":
    case "ArrayBuffer":
      return [];
    default:
      if (VIEW.test(type)) return inside.slice(0, 1);
      throw outOfBounds();
  }
}

/** A buffer has the size of its text, because each typed array over it is copied with all its bytes. */
function ownSize(part: object): number {
  if (!Array.isArray(part) || part[0] !== "ArrayBuffer") return 1;
  return typeof part[1] === "string" ? part[1].length : 1;
}

function outOfBounds(): Error {
  return new Error("the text is not one that put and encode have made");
}
