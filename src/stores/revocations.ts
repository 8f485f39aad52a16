import { chain, isPending } from "../core/awaitable.ts";
import type { Awaitable } from "../core/awaitable.ts";
import { SessionError } from "../core/errors.ts";
import { publish } from "../core/events.ts";
import type { SessionRecord, StoreContext, SubjectSessions } from "../core/store.ts";
import { SideRows } from "./side-rows.ts";
import type { SideFormat } from "./side-rows.ts";
import { isRevoked, revokeAll, subjectFormat } from "./subject-row.ts";
import type { SubjectRow } from "./subject-row.ts";
import type { TableIo } from "./table-io.ts";

/** What may be done with a sealed session: everything, only read, or nothing. */
export type Standing = "current" | "retired" | "ended" | "revoked";

/** A session that was ended, by its handle. Times are milliseconds since the epoch. */
interface Ended {
  /** Until when a renewed session still reads what it read; 0 for one that was logged out. */
  readonly readsUntil: number;
  /** The absolute deadline, after which no cookie of it opens; 0 when it was not ended. */
  readonly until: number;
}

/** What a handle looks like: anything else names no session. */
const HANDLE = /^[\w-]{22}$/;
/** The most sessions of one subject that are ended one by one, before their deadline has passed. */
const MOST_ENTRIES = 1000;
/** Entries of the memory of what was found in the table. */
const REMEMBERED = 10_000;

/**
 * Which sealed sessions were ended before their deadline: single ones by their handle, and all of a subject that were
 * signed in up to a moment.
 */
export class Revocations implements SubjectSessions {
  readonly #context: StoreContext;
  readonly #ended: SideRows<Ended>;
  readonly #subjects: SideRows<SubjectRow>;
  readonly #endedRows: Lately<Ended>;
  readonly #subjectRows: Lately<SubjectRow>;

  /** @param staleness milliseconds for which an answer of the table is taken as still true */
  constructor(io: TableIo, context: StoreContext, staleness: number) {
    this.#context = context;
    this.#ended = new SideRows(io, context, endedFormat(context));
    this.#subjects = new SideRows(io, context, subjectFormat("revoked", context));
    this.#endedRows = new Lately(this.#ended, staleness, context.now);
    this.#subjectRows = new Lately(this.#subjects, staleness, context.now);
  }

  /** @param fresh whether to ask the table, whatever was answered lately */
  standing(handle: string, record: SessionRecord, fresh = false): Awaitable<Standing> {
    const ended = this.#endedRows.read(handle, fresh);
    const subject = this.#context.subjectOf(record.data);
    const row = subject === undefined ? undefined : this.#subjectRows.read(subject, fresh);
    // Both were asked for before either is waited for.
    return isPending(ended) || isPending(row)
      ? Promise.all([ended, row]).then(([e, r]) => this.#judge(handle, record, e, r))
      : this.#judge(handle, record, ended, row);
  }

  /**
   * Ends one session; for a renewal it reads a while longer. Gives what it was before: only one request ends a session
   * that was current.
   */
  async end(handle: string, { createdAt }: SessionRecord, reads: number): Promise<Standing> {
    const { now, absolute } = this.#context;
    const ended: Ended = {
      readsUntil: reads === 0 ? 0 : now() + reads,
      until: createdAt + absolute,
    };
    let before: Standing = "current";
    await this.#ended.change(handle, (row) => {
      before = this.#standingOf(row);
      // A log-out also ends what a renewal has left.
      return before === "current" || reads === 0 ? ended : row;
    });
    this.#endedRows.forget(handle);
    return before;
  }

  /** A record as it may be sealed under another handle than `handle`; `undefined` when it was revoked. Asks the table. */
  moved(handle: string, record: SessionRecord): Awaitable<SessionRecord | undefined> {
    const subject = this.#context.subjectOf(record.data);
    if (subject === undefined) return record;
    return chain(this.#subjectRows.read(subject, true), (row) => {
      const { since = record.createdAt } = record;
      if (isRevoked(row, handle, since)) return undefined;
      // What the last revocation has spared was spared by its handle: from here on it is as if it came later.
      return since > row.notBefore ? record : { ...record, since: row.notBefore + 0.001 };
    });
  }

  async revoke(subject: string, except: string | undefined): Promise<void> {
    await this.#subjects.change(subject, (row) =>
      revokeAll(row, this.#context.moments.ofRevocation(), except),
    );
    this.#subjectRows.forget(subject);
    publish("revoke", this.#context.key, undefined, "subject");
  }

  async revokeOne(subject: string, handle: string): Promise<void> {
    if (!HANDLE.test(handle)) return;
    const { now, absolute } = this.#context;
    const entered = now();
    const entry = { handle, since: 0, until: entered + absolute, entered, revoked: true };
    await this.#subjects.change(subject, (row) => ({
      ...row,
      entries: [...row.entries.filter((each) => each.handle !== handle), entry].slice(
        -MOST_ENTRIES,
      ),
    }));
    this.#subjectRows.forget(subject);
    publish("revoke", this.#context.key, handle, "handle");
  }

  #judge(
    handle: string,
    { since, createdAt }: SessionRecord,
    ended: Ended,
    subject: SubjectRow | undefined,
  ): Standing {
    if (subject && isRevoked(subject, handle, since ?? createdAt)) return "revoked";
    return this.#standingOf(ended);
  }

  #standingOf({ readsUntil, until }: Ended): Standing {
    if (until === 0) return "current";
    return this.#context.now() < readsUntil ? "retired" : "ended";
  }
}

/** The first characters of the row of an ended session. */
const FORMAT = "e1";

function endedFormat({ now }: StoreContext): SideFormat<Ended> {
  const absent: Ended = { readsUntil: 0, until: 0 };
  return {
    purpose: "ended",
    absent,
    tidy: (row) => (row.until > now() ? row : absent),
    end: ({ until }) => until,
    write: ({ readsUntil, until }) =>
      until === 0 ? undefined : FORMAT + JSON.stringify([readsUntil, until]),
    read(text) {
      if (!text.startsWith(FORMAT)) {
        throw new SessionError(
          "ERR_SESSION_STORE",
          "the end of a session was written by another version of Sojourn",
        );
      }
      const [readsUntil, until] = JSON.parse(text.slice(FORMAT.length)) as [number, number];
      return { readsUntil, until };
    },
  };
}

/** Rows as they were read lately. */
class Lately<T> {
  readonly #rows: SideRows<T>;
  readonly #staleness: number;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly value: T; readonly at: number }>();

  constructor(rows: SideRows<T>, staleness: number, now: () => number) {
    this.#rows = rows;
    this.#staleness = staleness;
    this.#now = now;
  }

  read(of: string, fresh: boolean): Awaitable<T> {
    const at = this.#now(); // Before the question: an answer is as old as that.
    const known = fresh ? undefined : this.#known.get(of);
    if (known && at - known.at < this.#staleness) return known.value;
    return chain(this.#rows.read(of), (value) => {
      if (this.#staleness > 0) this.#remember(of, value, at);
      return value;
    });
  }

  forget(of: string): void {
    this.#known.delete(of);
  }

  #remember(of: string, value: T, at: number): void {
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(of, { value, at });
  }
}
