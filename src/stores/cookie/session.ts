import { chain } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { isTooLong, overflow } from "../../core/cookie/size.ts";
import { SessionError } from "../../core/errors.ts";
import type {
  Refused,
  Saved,
  SessionChange,
  SessionRecord,
  Stopped,
  StoreContext,
  StoredSession,
} from "../../core/store.ts";
import { EMPTY } from "../../core/data/values.ts";
import { newHandle } from "../../crypto/token.ts";
import type { Revocations, Standing } from "./revocations.ts";
import type { Sealed } from "./payload.ts";

/** A session in a cookie of its own. */
export interface SavedSeal extends Saved {
  readonly cookie: string;
}

/** What a sealed session needs of its store. */
interface Sealer {
  readonly context: StoreContext;
  readonly subjects: Revocations | undefined;
  seal(sealed: Sealed): SavedSeal;
}

/** A session as a cookie held it. What is written is sealed anew. */
export class SealedSession implements StoredSession {
  readonly sealed: Sealed;
  readonly handle: string;
  readonly record: SessionRecord;
  readonly access: "current" | "retired";
  /** An old secret's seal is made anew by the next request that looks at the session. */
  readonly refresh: boolean;
  readonly #sealer: Sealer;

  /** @param shown what a retired seal reads */
  constructor(sealer: Sealer, sealed: Sealed, refresh: boolean, shown?: SessionRecord) {
    this.#sealer = sealer;
    this.sealed = sealed;
    this.handle = sealed.handle;
    this.record = shown ?? sealed.record;
    this.access = shown ? "retired" : "current";
    this.refresh = refresh;
  }

  /** The session with the rights that it still has. */
  as(standing: Standing): SealedSession | Refused {
    const { handle, sealed } = this;
    const { record } = sealed;
    switch (standing) {
      case "current":
        return this;
      case "same":
        return this.#retired(record);
      case "left": {
        const wasSomebody = this.#sealer.context.subjectOf(record.data) !== undefined;
        return this.#retired(wasSomebody ? { ...record, data: EMPTY } : record);
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
      return chain(subjects.standing(this.sealed, true), (standing) =>
        this.#write(change, standing, subjects),
      );
    }
    // A fresh handle tells the new seal from the old one, which still opens.
    return this.#seal(change, change.renew ? { handle: newHandle() } : {});
  }

  /** Handle and generation stay: whatever ends this seal ends the new one as well. */
  touch(expiresAt: number): Saved {
    return this.#sealer.seal({ ...this.sealed, record: { ...this.record, expiresAt } });
  }

  /** Without revocations nothing is kept here: the cookie that clears it is all there is to a log-out. */
  drop(): Awaitable<"dropped" | Stopped> {
    const { subjects } = this.#sealer;
    if (!subjects) return "dropped";
    return chain(subjects.end(this.sealed), (before) =>
      before === "left" || before === "superseded" ? { stopped: "retired" } : "dropped",
    );
  }

  /** Another request has renewed it: it can only be read, and its messages are the other's. */
  #retired(shown: SessionRecord): SealedSession {
    return new SealedSession(this.#sealer, this.sealed, false, { ...shown, flash: {} });
  }

  #write(
    change: SessionChange,
    standing: Standing,
    subjects: Revocations,
  ): Awaitable<Saved | Stopped> {
    switch (standing) {
      case "current":
        return change.renew ? this.#renew(change, subjects) : this.#seal(change);
      case "same":
      case "left":
      case "superseded":
        return change.renew ? this.#startOver(change) : { stopped: "retired" };
      case "ended":
        return { stopped: "gone" };
      case "revoked":
        return { stopped: "revoked" };
    }
  }

  /** The old seals are retired before anybody knows the new one: if that fails, the session is what it was. */
  #renew(change: SessionChange, subjects: Revocations): Awaitable<Saved | Stopped> {
    const { subjectOf, key } = this.#sealer.context;
    const next = this.#seal(change, { generation: this.sealed.generation + 1 });
    if (isTooLong(key, next.cookie)) throw overflow(key, next.cookie, next.record);
    const same = subjectOf(this.record.data) === subjectOf(next.record.data);
    return chain(subjects.renew(this.sealed, same), (before) =>
      before === "current" ? next : this.#write(change, before, subjects),
    );
  }

  /**
   * Another request that asked for `renew` was faster. A double click on log-in starts a session of its own; a copy of
   * somebody's would outlive that one's log-out.
   */
  #startOver(change: SessionChange): Saved {
    if (this.#sealer.context.subjectOf(this.record.data) === undefined) {
      return this.#seal(change, { handle: newHandle(), generation: 0 });
    }
    throw new SessionError(
      "ERR_SESSION_CONFLICT",
      "another request has renewed this session; nothing was written",
    );
  }

  #seal(change: SessionChange, name: Partial<Sealed> = {}): SavedSeal {
    const record = change.apply(this.record);
    return this.#sealer.seal({ ...this.sealed, ...name, record });
  }
}
