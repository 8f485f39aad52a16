import type { Awaitable } from "../../core/awaitable.ts";
import type {
  ChangedRecord,
  Dropped,
  Saved,
  SessionChange,
  SessionTouch,
  Stopped,
  StoredSession,
} from "../../core/store.ts";

/**
 * A session that was made of an old one whose cookie other sessions may have as well. It has no row yet: the commit of the
 * first request that looks at it inserts one, under a fresh handle. Of two requests with the same old cookie each makes
 * a session for itself.
 */
export class AdoptedAlone implements StoredSession {
  readonly handle: string;
  readonly id: string;
  readonly record: ChangedRecord;
  readonly status = "current";
  readonly refresh = true;
  readonly #create: (change: SessionChange) => Awaitable<Saved | Stopped>;

  constructor(
    handle: string,
    record: ChangedRecord & { readonly id: string },
    create: (change: SessionChange) => Awaitable<Saved | Stopped>,
  ) {
    this.handle = handle;
    this.id = record.id;
    this.record = record;
    this.#create = create;
  }

  write(change: SessionChange): Awaitable<Saved | Stopped> {
    if (change.isGone()) return { stopped: "no-answer" };
    return this.#create({ ...change, apply: (_, sends) => change.apply(this.record, sends) });
  }

  touch({
    sentOptions,
    expiresAt,
    subject,
    isGone,
  }: SessionTouch): Awaitable<Saved | Stopped | undefined> {
    if (isGone()) return undefined;
    return this.#create({
      renew: false,
      loadedSubject: subject,
      isGone,
      apply: () => ({ ...this.record, sentOptions, expiresAt }),
    });
  }

  drop(): Dropped {
    return { endedId: this.id };
  }
}
