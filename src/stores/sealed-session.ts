import { chain } from "../core/awaitable.ts";
import type { Awaitable } from "../core/awaitable.ts";
import { SessionError } from "../core/errors.ts";
import type {
  Saved,
  SessionChange,
  SessionRecord,
  Stopped,
  StoreContext,
  StoredSession,
} from "../core/store.ts";
import { newHandle } from "../crypto/credential.ts";
import type { Revocations } from "./revocations.ts";

/** What a sealed session needs of its store. */
interface Sealer {
  readonly context: StoreContext;
  readonly subjects: Revocations | undefined;
  seal(handle: string, record: SessionRecord): Saved;
}

/** A session as a cookie held it. What is written is sealed anew. */
export class SealedSession implements StoredSession {
  readonly handle: string;
  readonly record: SessionRecord;
  readonly access: "current" | "retired";
  /** An old secret's seal is made anew by the next request that looks at the session. */
  readonly refresh: boolean;
  readonly #sealer: Sealer;

  constructor(
    sealer: Sealer,
    { handle, record }: { readonly handle: string; readonly record: SessionRecord },
    refresh: boolean,
    access: "current" | "retired" = "current",
  ) {
    this.#sealer = sealer;
    this.handle = handle;
    this.record = record;
    this.refresh = refresh;
    this.access = access;
  }

  /** The same, when another request has renewed it: it can only be read, and its messages are the other's. */
  asRetired(): SealedSession {
    const { handle, record } = this;
    const shown = { handle, record: { ...record, flash: {} } };
    return new SealedSession(this.#sealer, shown, false, "retired");
  }

  write(change: SessionChange): Awaitable<Saved | Stopped> {
    const { subjects } = this.#sealer;
    if (change.renew) return this.#renew(change);
    if (!subjects) return this.#seal(this.handle, change);
    return chain(subjects.standing(this.handle, this.record, true), (standing) =>
      standing === "current" ? this.#seal(this.handle, change) : { stopped: STOPPED[standing] },
    );
  }

  /** The handle stays: whoever has ended the session has ended this seal as well. */
  touch(expiresAt: number): Saved {
    return this.#sealer.seal(this.handle, { ...this.record, expiresAt });
  }

  /** Without revocations nothing is kept here: the cookie that clears it is all there is to a log-out. */
  drop(): Awaitable<"dropped"> {
    const { subjects } = this.#sealer;
    if (!subjects) return "dropped";
    return chain(subjects.end(this.handle, this.record, 0), () => "dropped" as const);
  }

  /** The old handle ends before the new one is known to anybody: if that fails, the session is what it was. */
  #renew(change: SessionChange): Awaitable<Saved | Stopped> {
    const { subjects, context } = this.#sealer;
    const record = change.apply(this.record);
    if (!subjects) return this.#sealer.seal(newHandle(), record);
    const subject = context.subjectOf(this.record.data);
    const leaves = subject !== undefined && subject !== context.subjectOf(record.data);
    const reads = leaves ? 0 : context.renewGrace;
    return chain(subjects.end(this.handle, this.record, reads), (before) => {
      if (before === "ended" || before === "revoked") return { stopped: STOPPED[before] };
      // A double click on log-in starts a session of its own; a copy of somebody's would outlive that one's log-out.
      if (before === "retired" && subject !== undefined) {
        throw new SessionError(
          "ERR_SESSION_CONFLICT",
          "another request has renewed this session; nothing was written",
        );
      }
      return chain(subjects.moved(this.handle, record), (moved) =>
        moved ? this.#sealer.seal(newHandle(), moved) : { stopped: "revoked" },
      );
    });
  }

  #seal(handle: string, change: SessionChange): Saved {
    return this.#sealer.seal(handle, change.apply(this.record));
  }
}

const STOPPED = { retired: "retired", ended: "gone", revoked: "revoked" } as const;
