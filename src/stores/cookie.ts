import { randomBytes } from "node:crypto";
import type { Refusal } from "../core/events.ts";
import { requireRuntime } from "../core/runtime.ts";
import { MAX_COOKIE } from "../core/set-cookie.ts";
import type {
  Saved,
  SessionBackend,
  SessionChange,
  SessionRecord,
  SessionStore,
  StoreContext,
  StoredSession,
} from "../core/store.ts";
import { decodeBase64url } from "../crypto/base64url.ts";
import { HANDLE_BYTES, newHandle } from "../crypto/credential.ts";
import { KEY_ID_BYTES, createKeyring, idOf } from "../crypto/keyring.ts";
import type { Keyring, RingKey } from "../crypto/keyring.ts";
import { readSecrets } from "../crypto/secret.ts";
import type { Secret } from "../crypto/secret.ts";
import { NONCE_BYTES, TAG_BYTES } from "../crypto/xaes.ts";
import { readSealed, writeSealed } from "./sealed-record.ts";

/** Options of {@link cookieStore}. */
export interface CookieStoreOptions {
  /** One secret, or `[first, ...others]`: the first seals, all open. Make one with `npx sojourn secret`. */
  readonly secret: Secret;
}

/**
 * Keeps the whole session in its cookie, encrypted and authenticated: no server state at all. What was
 * sealed stays readable by its cookie until its deadline, also a copy of it after a log-out.
 * @throws ERR_SESSION_CONFIG for a secret that is missing, short, repetitive or from a documentation
 */
export function cookieStore(options: CookieStoreOptions): SessionStore {
  requireRuntime(); // Secrets are read before createSessions could say so.
  const keyring = createKeyring(readSecrets(options?.secret), "session cookie");
  return { setup: (context) => new CookieBackend(keyring, context) };
}

/*
 * A cookie value is base64url over
 *   format version, 1 byte | key id, 4 | nonce, 24 | XAES-256-GCM of the record, with its tag, 16
 * The associated data holds version, key id, purpose and cookie name: a value that was sealed under another
 * of these does not open.
 */
const FORMAT = 1;
const PURPOSE = "session";
const HEAD_BYTES = 1 + KEY_ID_BYTES;
const LEAST_BYTES = HEAD_BYTES + NONCE_BYTES + HANDLE_BYTES + TAG_BYTES;

/** Cookies that are remembered as opened, so that a browser's next request costs no cipher. */
const REMEMBERED = 1000;

class CookieBackend implements SessionBackend {
  readonly immediate = true;
  readonly #keyring: Keyring;
  readonly #name: string;
  readonly #associated = new Map<RingKey, Buffer>();
  /** By the whole value, so that only who has the cookie finds it. Deadlines are judged at each load all the same. */
  readonly #opened = new Map<string, SealedSession>();

  constructor(keyring: Keyring, context: StoreContext) {
    this.#keyring = keyring;
    this.#name = context.key;
  }

  load(cookie: string): StoredSession | Refusal {
    const known = this.#opened.get(cookie);
    if (known) return known;
    const opened = this.#open(cookie);
    if (typeof opened === "object") this.#remember(cookie, opened);
    return opened;
  }

  #open(cookie: string): SealedSession | Refusal {
    if (cookie.length > MAX_COOKIE) return "malformed";
    const bytes = decodeBase64url(cookie);
    if (!bytes || bytes.length < LEAST_BYTES) return "malformed";
    if (bytes[0] !== FORMAT) return "unknown-format";
    const key = this.#keyring.find(idOf(bytes, 1));
    if (!key) return "forged";
    const bodyAt = HEAD_BYTES + NONCE_BYTES;
    const nonce = bytes.subarray(HEAD_BYTES, bodyAt);
    const plain = key.cipher.open(nonce, bytes.subarray(bodyAt), this.#associatedData(key));
    if (!plain) return "forged";
    const sealed = readSealed(plain);
    if (!sealed) return "unknown-format";
    const refresh = key !== this.#keyring.first;
    return new SealedSession(this, sealed.handle, sealed.record, refresh);
  }

  create(change: SessionChange): Saved {
    return this.seal(newHandle(), change.apply(undefined));
  }

  seal(handle: string, record: SessionRecord): Saved {
    const key = this.#keyring.first;
    const nonce = randomBytes(NONCE_BYTES);
    const body = key.cipher.seal(nonce, writeSealed(handle, record), this.#associatedData(key));
    const bytes = Buffer.concat([Buffer.of(FORMAT), key.id, nonce, body]);
    return { handle, record, cookie: bytes.toString("base64url") };
  }

  #remember(cookie: string, session: SealedSession): void {
    if (this.#opened.size >= REMEMBERED) this.#opened.clear();
    this.#opened.set(cookie, session);
  }

  #associatedData(key: RingKey): Buffer {
    let data = this.#associated.get(key);
    if (!data) {
      // Neither purpose nor cookie name holds a NUL, so that they cannot run into each other.
      data = Buffer.concat([Buffer.of(FORMAT), key.id, Buffer.from(`${PURPOSE}\0${this.#name}`)]);
      this.#associated.set(key, data);
    }
    return data;
  }
}

class SealedSession implements StoredSession {
  readonly handle: string;
  readonly record: SessionRecord;
  readonly access = "current";
  /** An old secret's seal is made anew by the next request that looks at the session. */
  readonly refresh: boolean;
  readonly #backend: CookieBackend;

  constructor(backend: CookieBackend, handle: string, record: SessionRecord, refresh: boolean) {
    this.#backend = backend;
    this.handle = handle;
    this.record = record;
    this.refresh = refresh;
  }

  write(change: SessionChange): Saved {
    const handle = change.renew ? newHandle() : this.handle;
    return this.#backend.seal(handle, change.apply(this.record));
  }

  touch(expiresAt: number): Saved {
    return this.#backend.seal(this.handle, { ...this.record, expiresAt });
  }

  /** Nothing is kept here: the cookie that clears it is all there is to a log-out. */
  drop(): "dropped" {
    return "dropped";
  }
}
