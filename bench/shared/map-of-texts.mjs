// What the memory table is compared with: a plain Map, key to text.

/** Keeps the texts of rows that are inserted, and nothing else. */
export class MapOfTexts {
  /** @type {Map<string, string>} */
  texts = new Map();
  immediate = true;

  get() {
    return undefined;
  }

  /**
   * @param {string} key
   * @param {{ value: string }} row
   */
  insert(key, { value }) {
    // Copies, each in one piece.
    this.texts.set(Buffer.from(key).toString("latin1"), Buffer.from(value).toString("latin1"));
    return true;
  }

  replace() {
    return /** @type {const} */ ("gone");
  }

  touch() {
    return /** @type {const} */ ("gone");
  }

  delete() {
    return /** @type {const} */ ("gone");
  }
}
