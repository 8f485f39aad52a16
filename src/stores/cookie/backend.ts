import type { Asked } from "../../core/load/asked.ts";
import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { MAX_COOKIE } from "../../core/cookie/set-cookie.ts";
import { isTooLong } from "../../core/cookie/size.ts";
import { encodeShared } from "../../core/data/codec.ts";
import { EMPTY } from "../../core/data/values.ts";
import type {
  Adopted,
  Adoptee,
  FoundSession,
  Refused,
  SessionBackend,
  SessionChange,
  SessionRecord,
  Stopped,
  StoreContext,
} from "../../core/store.ts";
import { decodeBase64url } from "../../crypto/base64url.ts";
import { HANDLE_BYTES, handleOf, newHandle } from "../../crypto/token.ts";
import type { Keyring } from "../../crypto/keyring.ts";
import { SEAL_BYTES, Sealer } from "../../crypto/sealer.ts";
import { BoundedMap } from "../../core/bounded-map.ts";
import { DEFAULT_TIMEOUT } from "../table-access/timed-table.ts";
import { AdoptKeys } from "../adopt/adopt-keys.ts";
import { Opened } from "../opened.ts";
import type { Revocations } from "./revocations.ts";
import { FORMER_PAYLOAD_FORMAT, PAYLOAD_FORMAT, readPayload, writePayload } from "./payload.ts";
import type { Payload } from "./payload.ts";
import { CookieSession } from "./session.ts";
import type { SavedSeal } from "./session.ts";

/** A cookie value is base64url over a seal, which does not open under another cookie name or for another purpose. */
const PURPOSE = "session";
/** The most opened cookies that the store remembers. */
const REMEMBERED_SEALS = 500;
const LEAST_BYTES = SEAL_BYTES + HANDLE_BYTES;

/** The store whose sessions are in their cookies. */
export class CookieBackend implements SessionBackend {
  readonly subjects: Revocations | undefined;
  readonly context: StoreContext;
  readonly revokeBefore: SessionBackend["revokeBefore"];
  readonly timeout: number | undefined;
  readonly #sealer: Sealer;
  readonly #place: string;
  readonly #adoptKeys: AdoptKeys | undefined;
  /** Sessions by their cookies, so that a browser's next request need not open the same seal again. */
  readonly #opened = new BoundedMap<CookieSession>(REMEMBERED_SEALS);

  constructor(keyring: Keyring, context: StoreContext, revocations?: Revocations) {
    this.#sealer = new Sealer(keyring);
    // Neither purpose nor cookie name holds a NUL, so that they cannot run into each other.
    this.#place = `${PURPOSE}\0${context.cookieName}`;
    this.context = context;
    this.#adoptKeys = context.adopt && new AdoptKeys(context.adopt, context.cookieName);
    this.subjects = revocations;
    this.timeout = revocations && DEFAULT_TIMEOUT * 1000;
    this.revokeBefore = revocations && ((time) => revocations.mark.raise(time));
  }

  /** Whether a cookie opens with none of our secrets. */
  readonly isForged = (cookie: string): boolean => "refused" in this.#remembered(cookie);

  find(cookie: string, asked?: Asked): Awaitable<FoundSession> {
    // Opening a seal costs time, and only a store with revocations must know the subject before the first look.
    if (!this.subjects) return { open: () => this.#remembered(cookie) };
    const session = this.#remembered(cookie);
    if ("refused" in session) return new Opened(session);
    return andThen(
      this.subjects.status(session.payload, { asked }),
      (status) => new Opened(session.as(status)),
    );
  }

  create(change: SessionChange): SavedSeal | Stopped {
    const record = change.apply(undefined);
    if (this.subjects?.mark.covers(record)) return { stopped: "revoked" };
    return this.seal({ handle: newHandle(), generation: 0, record });
  }

  /**
   * Each request with an old cookie seals for itself, and the last answer wins. The old session goes on where it was
   * kept: requests that are on their way would find nothing. With revocations a seal has the handle that is derived from
   * the old cookie, so that a log-out ends all of them, and those that another request would make.
   */
  async adopt({ unique, make }: Adoptee): Promise<Adopted | undefined> {
    const record = await make();
    if (!record) return undefined;
    const session = this.#adopted(unique, record);
    const found = this.subjects
      ? new Opened(session.as(await this.subjects.status(session.payload)))
      : new Opened(session);
    return { found, cookie: "", isNew: true };
  }

  async forget(unique: string): Promise<FoundSession | undefined> {
    if (!this.subjects) return undefined;
    const { now } = this.context;
    const record = {
      data: EMPTY,
      flash: {},
      sentAttributes: {},
      createdAt: now(),
      expiresAt: now(),
    };
    return new Opened(this.#adopted(unique, record));
  }

  #adopted(unique: string | undefined, record: SessionRecord): CookieSession {
    const derived = unique === undefined ? undefined : this.#adoptKeys?.pair(unique);
    const handle = derived ? handleOf(derived) : newHandle();
    const payload = { handle, generation: 0, record, sealedAt: this.context.now() };
    return new CookieSession(this, payload, true);
  }

  seal(sealed: Omit<Payload, "sealedAt">): SavedSeal {
    const { now, lifespans, cookieName } = this.context;
    const endsAt = lifespans.endOf(sealed.record);
    const payload = { ...sealed, record: { ...sealed.record, endsAt }, sealedAt: now() };
    let cookie = this.#cookieOf(writePayload(payload));
    if (isTooLong(cookieName, cookie)) {
      const other = this.#cookieOf(writePayload(payload, encodeShared));
      if (!isTooLong(cookieName, other)) cookie = other;
    }
    return { handle: sealed.handle, record: sealed.record, cookie };
  }

  #cookieOf(plain: Buffer): string {
    return this.#sealer.seal(PAYLOAD_FORMAT, plain, this.#place).toString("base64url");
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
    const unsealed = this.#sealer.open(bytes, this.#place);
    if (!unsealed) return { refused: "forged" };
    const sealed = readPayload(unsealed.plain, format);
    if (!sealed) return { refused: "unknown-format" };
    return new CookieSession(this, sealed, !unsealed.isFirst);
  }
}
