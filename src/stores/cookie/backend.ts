import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { MAX_COOKIE } from "../../core/cookie/set-cookie.ts";
import type {
  FoundSession,
  Refused,
  SessionBackend,
  SessionChange,
  StoreContext,
} from "../../core/store.ts";
import { decodeBase64url } from "../../crypto/base64url.ts";
import { HANDLE_BYTES, newHandle } from "../../crypto/token.ts";
import { KEY_ID_BYTES, idOf } from "../../crypto/keyring.ts";
import type { Keyring, RingKey } from "../../crypto/keyring.ts";
import { takeRandom } from "../../crypto/random.ts";
import { NONCE_BYTES, TAG_BYTES } from "../../crypto/xaes.ts";
import { BoundedMap } from "../bounded-map.ts";
import { Opened } from "../opened.ts";
import type { Revocations } from "./revocations.ts";
import { FORMER_PAYLOAD_FORMAT, PAYLOAD_FORMAT, readPayload, writePayload } from "./payload.ts";
import type { Payload } from "./payload.ts";
import { CookieSession } from "./session.ts";
import type { SavedSeal } from "./session.ts";

/*
 * A cookie value is base64url over
 *   format, 1 byte | key id, 4 | nonce, 24 | XAES-256-GCM of the payload, with its tag, 16
 * The associated data holds format, key id, purpose and cookie name, so that a value does not open if one of them
 * differs.
 */
const PURPOSE = "session";
/** The most opened cookies that the store remembers. */
const REMEMBERED_SEALS = 500;
const HEAD_BYTES = 1 + KEY_ID_BYTES;
const LEAST_BYTES = HEAD_BYTES + NONCE_BYTES + HANDLE_BYTES + TAG_BYTES;

/** The store whose sessions are in their cookies. */
export class CookieBackend implements SessionBackend {
  readonly subjects: Revocations | undefined;
  readonly context: StoreContext;
  readonly #keyring: Keyring;
  readonly #associated = new Map<RingKey, Buffer>();
  /** Sessions by their cookies, so that a browser's next request need not open the same seal again. */
  readonly #opened = new BoundedMap<CookieSession>(REMEMBERED_SEALS);

  constructor(keyring: Keyring, context: StoreContext, revocations?: Revocations) {
    this.#keyring = keyring;
    this.context = context;
    this.subjects = revocations;
  }

  find(cookie: string): Awaitable<FoundSession> {
    // Opening a seal costs time, and only a store with revocations must know the subject before the first look.
    if (!this.subjects) return { open: () => this.#remembered(cookie) };
    const session = this.#remembered(cookie);
    if ("refused" in session) return new Opened(session);
    return andThen(
      this.subjects.status(session.payload),
      (status) => new Opened(session.as(status)),
    );
  }

  create(change: SessionChange): SavedSeal {
    return this.seal({ handle: newHandle(), generation: 0, record: change.apply(undefined) });
  }

  seal(sealed: Omit<Payload, "sealedAt">): SavedSeal {
    const key = this.#keyring.first;
    const nonce = takeRandom(NONCE_BYTES);
    const { now, absolute } = this.context;
    const endsAt = sealed.record.endsAt ?? sealed.record.createdAt + absolute;
    const plain = writePayload({
      ...sealed,
      record: { ...sealed.record, endsAt },
      sealedAt: now(),
    });
    const body = key.cipher.seal(nonce, plain, this.#associatedData(key));
    const bytes = Buffer.concat([Buffer.of(PAYLOAD_FORMAT), key.id, nonce, body]);
    return { handle: sealed.handle, record: sealed.record, cookie: bytes.toString("base64url") };
  }

  #remembered(cookie: string): CookieSession | Refused {
    return this.#opened.get(cookie) ?? this.#openNew(cookie);
  }

  #openNew(cookie: string): CookieSession | Refused {
    const session = this.#open(cookie);
    if (!("refused" in session)) this.#opened.set(cookie, session);
    return session;
  }

  #open(cookie: string): CookieSession | Refused {
    if (cookie.length > MAX_COOKIE) return { refused: "malformed" };
    const bytes = decodeBase64url(cookie);
    if (!bytes || bytes.length < LEAST_BYTES) return { refused: "malformed" };
    const [format] = bytes;
    if (format !== PAYLOAD_FORMAT && format !== FORMER_PAYLOAD_FORMAT) {
      return { refused: "unknown-format" };
    }
    const key = this.#keyring.keyWithId(idOf(bytes, 1));
    if (!key) return { refused: "forged" };
    const bodyAt = HEAD_BYTES + NONCE_BYTES;
    const nonce = bytes.subarray(HEAD_BYTES, bodyAt);
    const associated = this.#associatedData(key, format);
    const plain = key.cipher.open(nonce, bytes.subarray(bodyAt), associated);
    if (!plain) return { refused: "forged" };
    const sealed = readPayload(plain, format);
    if (!sealed) return { refused: "unknown-format" };
    return new CookieSession(this, sealed, key !== this.#keyring.first);
  }

  #associatedData(key: RingKey, format: number = PAYLOAD_FORMAT): Buffer {
    if (format !== PAYLOAD_FORMAT) return this.#associate(key, format);
    const known = this.#associated.get(key);
    if (known) return known;
    const data = this.#associate(key, format);
    this.#associated.set(key, data);
    return data;
  }

  #associate(key: RingKey, format: number): Buffer {
    const text = `${PURPOSE}\0${this.context.cookieName}`;
    // Neither purpose nor cookie name holds a NUL, so that they cannot run into each other.
    return Buffer.concat([Buffer.of(format), key.id, Buffer.from(text)]);
  }
}
