import type { Sealer } from "../../crypto/sealer.ts";

/** How the text of a row stands in the table. The key of the row is part of it, so that two rows cannot change places. */
export interface RowSeal {
  seal(key: string, text: string): string;
  /** Gives the text, or `undefined` if it was sealed by no secret of ours, or for another row. */
  open(key: string, stored: string): string | undefined;
  /** Whether this is how the row would be written now, so that it need not be judged again. */
  isCurrent(stored: string): boolean;
}

/** Rows without a secret: what is written is what stands there. */
export const UNSEALED: RowSeal = {
  seal: (_key, text) => text,
  open: (_key, stored) => stored,
  isCurrent: () => true,
};

/** The first character of a sealed row. No text begins with it. */
const SEALED = "x";
/** The first byte behind it: the format of the seal. */
const FORMAT = 1;

/** Rows that are sealed, and bound to the cookie's name and to their keys. */
export class SealedRows implements RowSeal {
  readonly #sealer: Sealer;
  readonly #place: string;
  readonly #acceptsUnsealed: () => boolean;
  readonly #seals: boolean;

  /** @param acceptsUnsealed whether a row without a seal is read, as long as sealing is being switched on */
  constructor(sealer: Sealer, cookieName: string, acceptsUnsealed: () => boolean, seals: boolean) {
    this.#sealer = sealer;
    // Neither cookie name nor key holds a NUL, so that they cannot run into each other.
    this.#place = `row\0${cookieName}\0`;
    this.#acceptsUnsealed = acceptsUnsealed;
    this.#seals = seals;
  }

  seal(key: string, text: string): string {
    if (!this.#seals) return text;
    return SEALED + this.#sealer.seal(FORMAT, text, this.#place + key).toString("base64url");
  }

  open(key: string, stored: string): string | undefined {
    if (!isSealed(stored)) return this.#acceptsUnsealed() ? stored : undefined;
    const bytes = Buffer.from(stored.slice(SEALED.length), "base64url");
    if (bytes[0] !== FORMAT) return stored; // Another version of Sojourn has sealed it, and no text reads like this.
    return this.#sealer.open(bytes, this.#place + key)?.plain.toString();
  }

  isCurrent(stored: string): boolean {
    return isSealed(stored) === this.#seals;
  }
}

function isSealed(stored: string): boolean {
  return stored.startsWith(SEALED);
}
