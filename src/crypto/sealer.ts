import { KEY_ID_BYTES, idOf } from "./keyring.ts";
import type { Keyring, RingKey } from "./keyring.ts";
import { ownJoin } from "./own-bytes.ts";
import { takeRandom } from "./random.ts";
import { NONCE_BYTES, TAG_BYTES } from "./xaes.ts";

/** What a seal held, and whether the first key of the ring has sealed it. */
export interface Unsealed {
  readonly plain: Buffer;
  readonly isFirst: boolean;
}

/*
 * Sealed bytes are
 *   format, 1 byte | key id, 4 | nonce, 24 | XAES-256-GCM of the content, with its tag, 16
 * The associated data holds format, key id and place. The place says what the content is and where it stands, so that a
 * seal opens at no other place.
 */
const HEAD_BYTES = 1 + KEY_ID_BYTES;
const BODY = HEAD_BYTES + NONCE_BYTES;

/** How many bytes a seal is longer than its content. */
export const SEAL_BYTES: number = BODY + TAG_BYTES;

/** Seals with the first key of a ring, and opens with all of them. */
export class Sealer {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** @param place ASCII text that names what is sealed, and where it stands */
  seal(format: number, content: string | Uint8Array, place: string): Buffer {
    const key = this.#keyring.first;
    const nonce = takeRandom(NONCE_BYTES);
    const body = key.cipher.seal(nonce, content, associatedData(format, key, place));
    return ownJoin(Buffer.of(format), key.id, nonce, body);
  }

  /** Gives `undefined` if none of the keys has sealed these bytes for this place. The first byte is the format. */
  open(sealed: Buffer, place: string): Unsealed | undefined {
    const [format] = sealed;
    if (format === undefined || sealed.length < SEAL_BYTES) return undefined;
    const key = this.#keyring.keyWithId(idOf(sealed, 1));
    if (!key) return undefined;
    const nonce = sealed.subarray(HEAD_BYTES, BODY);
    const associated = associatedData(format, key, place);
    const plain = key.cipher.open(nonce, sealed.subarray(BODY), associated);
    return plain && { plain, isFirst: key === this.#keyring.first };
  }
}

function associatedData(format: number, { id }: RingKey, place: string): Buffer {
  const data = Buffer.allocUnsafe(HEAD_BYTES + place.length);
  data[0] = format;
  id.copy(data, 1);
  data.write(place, HEAD_BYTES, "latin1");
  return data;
}
