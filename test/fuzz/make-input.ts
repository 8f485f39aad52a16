/** Inputs: Cookie headers as browsers, proxies and attackers write them, and single values. */
import { NAMES } from "./issued.ts";
import type { Cookies } from "./issued.ts";
import { TROUBLE, mutateValue } from "./mutate-value.ts";
import type { Random } from "./random.ts";

export interface Input {
  readonly kind: "header" | "value";
  readonly text: string;
}

/** Names that are not ours, to whoever compares exactly. */
const OTHER_NAMES: readonly string[] = [
  ...NAMES.flatMap((name) => [
    name.toUpperCase(),
    name.slice(0, -1),
    `${name}3`,
    `x${name}`,
    `"${name}"`,
    `$${name}`,
    `${name}[]`,
    `__Host-${name}`,
    `\u00a0${name}`,
    `${name}\v`,
    `%73${name.slice(1)}`,
    name.replace("s", "\u017f"),
  ]),
  "",
  "__proto__",
  "$Version",
  "$Path",
  "theme",
];

const SPACES: readonly string[] = ["", "", "", " ", "\t", "  ", " \t "];
const SEPARATORS: readonly string[] = ["; ", "; ", ";", ";;", " ; ", ",", ", ", "&", "\n"];

/** One input, made of cookies that were issued. */
export function makeInput(random: Random, collections: readonly Cookies[]): Input {
  const source = new Source(random, collections);
  if (random.onceIn(8)) return { kind: "value", text: source.value() };
  const header = headerOf(random, source);
  return { kind: "header", text: random.onceIn(6) ? mutateHeader(header, random) : header };
}

/** Where an input has its parts from: mostly from one collection, so that they fit together. */
class Source {
  readonly #random: Random;
  readonly #collections: readonly Cookies[];
  readonly #home: Cookies;

  constructor(random: Random, collections: readonly Cookies[]) {
    this.#random = random;
    this.#collections = collections;
    this.#home = random.pick(collections);
  }

  name(): string {
    if (this.#random.onceIn(10)) return this.#random.pick(OTHER_NAMES);
    return this.#random.onceIn(6) ? this.#random.pick(NAMES) : this.#home.name;
  }

  value(): string {
    const value = this.#cookie();
    return this.#random.onceIn(2) ? value : mutateValue(value, this.#random, () => this.#cookie());
  }

  /** A cookie as it was issued, of those that fit together. */
  intact(): string {
    return this.#random.pick(this.#home.values);
  }

  #cookie(): string {
    const away = this.#random.onceIn(4);
    const { values } = away ? this.#random.pick(this.#collections) : this.#home;
    return this.#random.pick(values);
  }
}

function headerOf(random: Random, source: Source): string {
  const value = source.value();
  const pairs = [pairOf(random, source, value)];
  for (let more = random.below(4); more > 0; more--) {
    const others = [value, source.intact(), source.value()]; // The same again is no contradiction.
    pairs.push(pairOf(random, source, random.pick(others)));
  }
  if (random.onceIn(50)) pairs.push(...pairs, ...pairs);
  if (random.onceIn(5000)) pairs.push(...Array<string>(5000).fill(pairOf(random, source, value)));
  if (random.onceIn(5000)) pairs.unshift(`theme=${"x".repeat(2 ** 16)}`);
  // What RFC 2965 had clients say of a cookie.
  if (random.onceIn(20)) return `$Version="1"; ${pairs.join("; ")}; $Path="/"; $Domain="a"`;
  return pairs.join(random.pick(SEPARATORS));
}

function pairOf(random: Random, source: Source, value: string): string {
  const space = (): string => random.pick(SPACES);
  if (random.onceIn(30)) return value; // A cookie without a name, or without a value.
  if (random.onceIn(30)) return `=${source.name()}=${value}`;
  if (random.onceIn(30)) return `${source.name()}="${value}";$Path="/"`;
  return `${space()}${source.name()}${space()}=${space()}${value}${space()}`;
}

/** A change anywhere: in a name, in a value, or between them. */
function mutateHeader(header: string, random: Random): string {
  const at = random.below(header.length + 1);
  const [before, after] = [header.slice(0, at), header.slice(at)];
  switch (random.below(6)) {
    case 0:
      return before;
    case 1:
      return after;
    case 2:
      return before + random.pick(TROUBLE) + after;
    case 3:
      return before + after.slice(1 + random.below(8));
    case 4:
      return (
        before +
        String.fromCharCode(header.charCodeAt(at) ^ (1 << random.below(8))) +
        after.slice(1)
      );
    default:
      return header + before;
  }
}
