import type { ResponseHeaders } from "../../core/cookie/response-headers.ts";

/** Headers in a plain object, as Node takes them. It writes into a copy of the object. */
export class PlainHeaders implements ResponseHeaders {
  #object: Readonly<Record<string, string>>;
  #isCopy = false;
  #isPlain = true;

  constructor(object: Readonly<Record<string, string>>) {
    this.#object = object;
  }

  /** Gives `undefined` for all but a plain object whose values are texts. */
  static from(headers: unknown): PlainHeaders | undefined {
    if (typeof headers !== "object" || headers === null) return undefined;
    if (Object.getPrototypeOf(headers) !== Object.prototype) return undefined;
    for (const name in headers) {
      if (typeof (headers as Record<string, unknown>)[name] !== "string") return undefined;
    }
    return new PlainHeaders(headers as Record<string, string>);
  }

  /** Whether an object of texts can hold what was written. It cannot hold two cookies. */
  get isPlain(): boolean {
    return this.#isPlain;
  }

  get object(): Record<string, string> {
    return this.#object;
  }

  get(name: string): string | undefined {
    const same = this.#find(name);
    return same === undefined ? undefined : this.#object[same];
  }

  set(name: string, value: string): void {
    if (!this.#isCopy) this.#object = { ...this.#object };
    this.#isCopy = true;
    (this.#object as Record<string, string>)[this.#find(name) ?? name] = value;
  }

  append(name: string, value: string): void {
    if (this.#find(name) === undefined) this.set(name, value);
    else this.#isPlain = false;
  }

  /** The name as the object has it, in whichever case. */
  #find(name: string): string | undefined {
    for (const each in this.#object) {
      if (each.length === name.length && each.toLowerCase() === name.toLowerCase()) return each;
    }
    return undefined;
  }
}
