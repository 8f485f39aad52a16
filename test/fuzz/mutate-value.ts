/** Changes to one cookie value, most of which leave it nearly right. */
import type { Random } from "./random.ts";

/** Changes a value, sometimes with parts of another, which it can ask for. */
type Mutation = (value: string, random: Random, another: () => string) => string;

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Where the parts of cookies meet, in bytes: format, key id, nonce, text, tag; handle and token. */
const JOINTS = [1, 5, 16, 29, 45] as const;
const TAG_BYTES = 16;

/** More characters than any server takes for a header. */
const MUCH = 2 ** 17;

/** Texts that some parser somewhere takes for nothing, for an end, or for something else. */
export const TROUBLE: readonly string[] = [
  ..."\0\t\n\v\f\r \u007f\u0080\u0085\u00a0\u00e9\u00ff=,;:\"'%+/\\&?#<(~.$@",
  ..."\u0130\u0660\u200b\u2028\u212a\ufeff\uff21\ufffd",
  "\ud800",
  "\udfff",
  "\u{1f36a}",
  "e\u0301",
  "\r\n",
  "%00",
  "%3D",
  "%41",
  '\\"',
  "==",
  "__proto__",
];

/** A place in the text where something may be put: between two characters, or at an end. */
const place = (text: string, random: Random): number => random.below(text.length + 1);

function splice(text: string, at: number, remove: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

/** A mutation of the bytes that the value stands for. */
function inBytes(
  change: (bytes: Buffer, random: Random, another: () => string) => Buffer,
): Mutation {
  return (value, random, another) =>
    change(Buffer.from(value, "base64url"), random, another).toString("base64url");
}

/** A mutation of each character, or of one, by what else it may be taken for. */
function lookalike(other: (character: string) => string): Mutation {
  return (value, random) => {
    if (value === "" || random.onceIn(4)) return [...value].map(other).join("");
    const at = random.below(value.length);
    return splice(value, at, 1, other(value.charAt(at)));
  };
}

const shifted = (by: number) => (character: string) =>
  String.fromCharCode((character.charCodeAt(0) + by) % 0x10000);

const bytewise: readonly Mutation[] = [
  // One bit.
  inBytes((bytes, random) => {
    if (bytes.length === 0) return bytes;
    const at = random.below(bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
    return bytes;
  }),
  // One byte more, less, or another.
  inBytes((bytes, random) => {
    const at = random.below(bytes.length + 1);
    const [insert, remove] = [random.below(2), random.below(2)];
    return Buffer.concat([
      bytes.subarray(0, at),
      random.bytes(insert),
      bytes.subarray(at + remove),
    ]);
  }),
  // Cut off, or longer.
  inBytes((bytes, random) => bytes.subarray(0, random.below(bytes.length + 1))),
  inBytes((bytes, random) => Buffer.concat([bytes, random.bytes(1 + random.below(48))])),
  // The beginning of one cookie and the end of another.
  inBytes((bytes, random, another) => {
    const other = Buffer.from(another(), "base64url");
    const at = random.pick(JOINTS);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
  }),
  // One part of another cookie.
  inBytes((bytes, random, another) => {
    const other = Buffer.from(another(), "base64url");
    const [from, to] = [random.pick([0, ...JOINTS]), random.pick([...JOINTS, 48])];
    return Buffer.concat([bytes.subarray(0, from), other.subarray(from, to), bytes.subarray(to)]);
  }),
  // The tag of another cookie, or none.
  inBytes((bytes, random, another) => {
    const other = Buffer.from(another(), "base64url").subarray(-TAG_BYTES);
    return Buffer.concat([
      bytes.subarray(0, Math.max(0, bytes.length - TAG_BYTES)),
      random.onceIn(2) ? other : Buffer.alloc(TAG_BYTES),
    ]);
  }),
  // Another format.
  inBytes((bytes, random) => Buffer.concat([random.bytes(1), bytes.subarray(1)])),
];

const textual: readonly Mutation[] = [
  // Another last digit of the same bytes, to a decoder that does not look at the bits behind them.
  (value, random) => {
    const last = DIGITS.indexOf(value.slice(-1));
    return last < 0 ? value : value.slice(0, -1) + DIGITS.charAt(last ^ (1 + random.below(15)));
  },
  // One digit.
  (value, random) => splice(value, place(value, random), 1, DIGITS.charAt(random.below(64))),
  (value, random) => splice(value, place(value, random), 0, DIGITS.charAt(random.below(64))),
  (value, random) => splice(value, place(value, random), 1 + random.below(8), ""),
  // A digit that moves.
  (value, random) => {
    const at = random.below(Math.max(1, value.length));
    const without = splice(value, at, 1, "");
    return splice(without, place(without, random), 0, value.charAt(at));
  },
  // What is trouble elsewhere.
  (value, random) => splice(value, place(value, random), random.below(2), random.pick(TROUBLE)),
  (value, random) => random.pick(TROUBLE) + value,
  (value, random) => value + random.pick(TROUBLE),
  // Other alphabets and encodings of the same bytes.
  (value) => value.replaceAll("-", "+").replaceAll("_", "/"),
  (value) => value.replaceAll("-", "_"),
  (value, random) => value + "=".repeat(1 + random.below(3)),
  (value) => Buffer.from(value, "base64url").toString("base64"),
  (value) => Buffer.from(value, "base64url").toString("hex"),
  (value) => Buffer.from(value).toString("base64url"),
  lookalike((character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`),
  lookalike((character) => character.toUpperCase()),
  lookalike((character) => character.toLowerCase()),
  lookalike(shifted(0x100)), // The same to whoever keeps the low byte.
  lookalike(shifted(0xfee0)), // The same, full width.
  lookalike((character) => `${character}\u0301`),
  // Quotes, and what wraps other libraries' cookies.
  (value) => `"${value}"`,
  (value, random) => (random.onceIn(2) ? `"${value}` : `${value}"`),
  (value) => `s:${value}.${value.slice(0, 43)}`,
  (value) => `Fe26.2**${value}`,
  (value) => `${value}.${value}`,
  (value) => JSON.stringify({ value }),
  (value, _random, another) => `${value},${another()}`,
  // Nothing, noise, too much.
  () => "",
  (value, random) => random.bytes(value.length).toString("latin1"),
  (_value, random) => random.bytes(48).toString("base64url"),
  (value, random) => value.repeat(random.onceIn(20) ? random.below(MUCH / (1 + value.length)) : 2),
  (value, random) => value.padEnd(random.pick([4096, 4097]), "A"),
];

/** One mutation, sometimes another on top of it. */
export function mutateValue(value: string, random: Random, another: () => string): string {
  let mutated = value;
  for (let n = random.few(4); n > 0; n--) {
    const mutations = random.onceIn(2) ? bytewise : textual;
    const mutation = mutations[random.below(mutations.length)];
    if (mutation) mutated = mutation(mutated, random, another);
  }
  return mutated;
}
