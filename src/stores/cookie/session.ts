import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { isTooLong, overflow } from "../../core/cookie/size.ts";
import { EMPTY } from "../../core/data/values.ts";
import type {
  ChangedRecord,
  Dropped,
  Refused,
  Saved,
  SessionChange,
  SessionRecord,
  SessionTouch,
  Stopped,
  StoreContext,
  StoredSession,
} from "../../core/store.ts";
import { endsData } from "../../core/subject/carry.ts";
import type { LiveStatus } from "../../core/token-status.ts";
import { idOfHandle } from "../../crypto/session-id.ts";
import { newHandle } from "../../crypto/token.ts";
import { baseToStartOver } from "../start-over.ts";
import type { Payload } from "./payload.ts";
import type { Revocations, SealStatus } from "./revocations.ts";

/** A session that was sealed into a new cookie. */
export interface SavedSeal extends Saved {
  readonly cookie: string;
}

/** The part of the store that a sealed session uses. */
interface Sealer {
  readonly context: StoreContext;
  readonly subjects: Revocations | undefined;
  seal(sealed: Omit<Payload, "sealedAt">): SavedSeal;
}

/** A session as a cookie held it. A write seals it anew. */
export class CookieSession implements StoredSession {
  readonly payload: Payload;
  readonly handle: string;
  readonly id: string;
  readonly record: SessionRecord;
  readonly status: LiveStatus;
  /** Whether an old secret made the seal. The next request that looks at the session then seals it anew. */
  readonly refresh: boolean;
  readonly #sealer: Sealer;

  /** @param record the part of the payload that the seal may read, if not all of it */
  constructor(
    sealer: Sealer,
    payload: Payload,
    refresh: boolean,
    status: LiveStatus = "current",
    record: SessionRecord = payload.record,
  ) {
    this.#sealer = sealer;
    this.payload = payload;
    this.handle = payload.handle;
    this.record = record;
    this.id = record.id ?? idOfHandle(this.handle);
    this.status = status;
    this.refresh = refresh;
  }

  get sealedAt(): number | undefined {
    return this.payload.sealedAt;
  }

  /** Gives the session with the rights that its seal still has. */
  as(status: SealStatus): CookieSession | Refused {
    const { handle, payload } = this;
    const { record } = payload;
    switch (status) {
      case "current":
        return this;
      case "read-only":
        return this.#retired(status, record);
      case "left-behind": {
        const wasSomebody = this.#sealer.context.subjectOf(record.data) !== undefined;
        return this.#retired(status, wasSomebody ? { ...record, data: EMPTY } : record);
      }
      case "superseded":
        return { refused: "retired", handle };
      case "ended":
      case "revoked":
        return { refused: "revoked", handle };
    }
  }

  write(change: SessionChange): Awaitable<Saved | Stopped> {
    const { subjects } = this.#sealer;
    if (subjects) {
      return andThen(subjects.status(this.payload, { fresh: true }), (status) =>
        this.#write(change, status, subjects),
      );
    }
    // The old seal still opens. The new seal gets a new handle, so that the two differ.
    if (!change.renew) return this.#seal(change);
    return { ...this.#seal(change, { handle: newHandle() }), endedId: this.id };
  }

  /** Seals the session with a later deadline. Handle and generation stay, so that a log-out ends both seals. */
  touch({ expiresAt, isGone, sentOptions }: SessionTouch): Saved | undefined {
    if (isGone()) return undefined;
    return this.#sealer.seal({
      ...this.payload,
      record: { ...this.record, expiresAt, sentOptions },
    });
  }

  /** Ends the session. Without revocations the server keeps nothing, and only the cleared cookie is the log-out. */
  drop(): Awaitable<Dropped | Stopped> {
    const { subjects } = this.#sealer;
    if (!subjects) return { endedId: this.id };
    return andThen(subjects.end(this.payload), (status): Dropped | Stopped => {
      if (status === "left-behind" || status === "superseded") return { stopped: "retired" };
      if (status === "ended" || status === "revoked") return { stopped: "gone" };
      // Nothing is kept of the id that a renewal has given to the newer seal.
      return { endedId: status === "current" ? this.id : undefined };
    });
  }

  /** Gives the session to a seal that was renewed away. It only reads, and the new seal shows the messages. */
  #retired(status: LiveStatus, record: SessionRecord): CookieSession {
    return new CookieSession(this.#sealer, this.payload, false, status, { ...record, flash: {} });
  }

  #write(
    change: SessionChange,
    status: SealStatus,
    subjects: Revocations,
  ): Awaitable<Saved | Stopped> {
    switch (status) {
      case "current":
        return change.renew ? this.#renew(change, subjects) : this.#seal(change);
      case "read-only":
      case "left-behind":
      case "superseded":
        return change.renew ? this.#startOver(change) : { stopped: "retired" };
      case "ended":
        return { stopped: "gone" };
      case "revoked":
        return { stopped: "revoked" };
    }
  }

  /**
   * Renews. The table retires the old seals before a new one is made, so that a failure leaves the session as it was.
   */
  #renew(change: SessionChange, subjects: Revocations): Awaitable<Saved | Stopped> {
    const { cookieName } = this.#sealer.context;
    const record = change.apply(this.record);
    const generation = this.payload.generation + 1;
    const next = this.#sealer.seal({ ...this.#payloadFor(change, record), generation, record });
    if (isTooLong(cookieName, next.cookie)) throw overflow(cookieName, next.cookie, record);
    const sameSubject = change.loadedSubject === record.subject;
    return andThen(subjects.renew(this.payload, sameSubject), (status) =>
      status === "current" ? { ...next, endedId: this.id } : this.#write(change, status, subjects),
    );
  }

  #startOver(change: SessionChange): Saved {
    const base = baseToStartOver(this.#sealer.context, change, this.record);
    return this.#sealer.seal({ handle: newHandle(), generation: 0, record: change.apply(base) });
  }

  #seal(change: SessionChange, name: Partial<Payload> = {}): SavedSeal {
    const record = change.apply(this.record);
    return this.#sealer.seal({ ...this.#payloadFor(change, record), ...name, record });
  }

  /** What a later version of Sojourn keeps of a subject ends with it: the next one must not have its rights. */
  #payloadFor({ loadedSubject }: SessionChange, { subject }: ChangedRecord): Payload {
    return endsData(loadedSubject, subject)
      ? { ...this.payload, unknown: undefined }
      : this.payload;
  }
}
