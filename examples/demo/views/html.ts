/** HTML that is escaped by construction: what stands in `${…}` is text, unless `html` itself made it. */

class Fragment {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Only {@link html} makes one: the class is not exported. */
export type Html = Fragment;
type Part = Html | string | number | false | undefined | readonly Part[];

/** Attribute values must stand in double quotes: `<a href="${url}">`. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Fragment(String.raw({ raw: strings }, ...parts.map(write)));
}

function write(part: Part): string {
  if (part === false || part === undefined) return "";
  if (part instanceof Fragment) return part.toString();
  if (typeof part === "object") return part.map(write).join("");
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
