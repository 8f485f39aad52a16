import type { Awaitable } from "../../core/awaitable.ts";
import { publish, publishSweepError } from "../../core/events.ts";
import type { Revocation } from "../../core/events.ts";
import type {
  ChangedRecord,
  ListedSession,
  SessionRecord,
  SessionRow,
  Stopped,
  StoreContext,
  SubjectSessions,
} from "../../core/store.ts";
import { MOST_SESSIONS } from "../../core/subject/subject.ts";
import { readRow } from "./row.ts";
import { deleteRow } from "../table-access/delete-row.ts";
import { Coalescer } from "../table-access/coalesce.ts";
import { SideRecords } from "../table-access/side-records.ts";
import {
  isRevoked,
  newestFirst,
  revokeAll,
  revokeEntry,
  subjectFormat,
} from "../table-access/subject-record.ts";
import type { Entry, SubjectRecord } from "../table-access/subject-record.ts";
import type { TimedTable } from "../table-access/timed-table.ts";

/** Milliseconds that a session's row may come after its entry: far more than a commit takes. */
const UNDER_WAY = 60_000;

/** A row that is written with another subject than it had. */
export interface SubjectMove {
  readonly handle: string;
  /** Whose session it was; `undefined` for nobody's, and for a new one. */
  readonly from: string | undefined;
  readonly record: ChangedRecord;
}

/** A session as its subject's list knows it. */
interface Listed {
  readonly subject: string;
  readonly handle: string;
  readonly since: number;
  readonly createdAt: number;
}

/**
 * The sessions of each subject, for `list`, `revoke` and `limit`. An entry is written before the session's row and
 * removed after it, so that no session lives that is not in the list; an entry without a session is cleared away
 * by whoever meets it.
 */
export class SubjectIndex implements SubjectSessions {
  readonly #table: TimedTable;
  readonly #context: StoreContext;
  readonly #rows: SideRecords<SubjectRecord>;
  readonly #limit: number;
  readonly #keepings = new Coalescer<ReadonlySet<string>>();

  constructor(io: TimedTable, context: StoreContext) {
    this.#table = io;
    this.#context = context;
    this.#rows = new SideRecords(io, context, subjectFormat("subject", context));
    this.#limit = context.limit ?? MOST_SESSIONS;
  }

  /** Before a row is written whose subject changes. Gives `false` for a log-in that began before a revocation. */
  async before({ handle, record }: SubjectMove): Promise<boolean> {
    const session = listedAs(handle, record, record.subject);
    return session ? this.#addEntry(session) : true;
  }

  /**
   * After that row was written, or was not. Gives the result, unless the session was revoked meanwhile or pushed out by
   * newer ones.
   * @param result `undefined` for a row that could not be inserted
   */
  async after<R extends object>(
    { handle, from, record }: SubjectMove,
    result: R,
  ): Promise<R | Stopped>;
  async after<R extends object>(
    move: SubjectMove,
    result: R | undefined,
  ): Promise<R | Stopped | undefined>;
  async after<R extends object>(
    { handle, from, record }: SubjectMove,
    result: R | undefined,
  ): Promise<R | Stopped | undefined> {
    const session = listedAs(handle, record, record.subject);
    if (session && (!result || "stopped" in result))
      await this.removeEntries(session.subject, handle);
    if (!result || !("record" in result)) return result;
    if (from !== undefined) await this.removeEntries(from, handle);
    if (session && !(await this.#enforceLimit(session))) return { stopped: "revoked" };
    return result;
  }

  /** Before the row of a log-in is written. Gives `false` for one that began before a revocation. */
  async #addEntry({ subject, handle, since, createdAt }: Listed): Promise<boolean> {
    const { now, absolute } = this.#context;
    const endsAt = createdAt + absolute;
    const entry: Entry = { handle, since, endsAt, addedAt: now(), revoked: false };
    const row = await this.#rows.change(subject, (before) =>
      isRevoked(before, handle, since)
        ? before
        : { ...before, entries: [...without(before.entries, handle), entry] },
    );
    return !isRevoked(row, handle, since);
  }

  /**
   * After the row of a log-in was written: ends the oldest sessions beyond the limit. Gives `false`, and ends this
   * session, when it was revoked meanwhile, or pushed out by newer ones.
   */
  async #enforceLimit({ subject, handle, since }: Listed): Promise<boolean> {
    const row = await this.#rows.read(subject);
    const entered = row.entries.some((entry) => entry.handle === handle);
    if (isRevoked(row, handle, since)) {
      await this.#end(subject, handle, "late");
    } else if (!entered) {
      await this.#end(subject, handle, "limit");
    } else if (row.entries.length <= this.#limit) {
      return true;
    } else {
      const kept = await this.#keepings.run(subject, () => this.#keepNewest(subject));
      if (kept.has(handle)) return true;
    }
    await this.removeEntries(subject, handle);
    return false;
  }

  /**
   * When a session is seen again after a while. Gives `false`, and ends it, when its revocation has not reached it; a
   * session that the list does not know, because the table has lost it or `subject` is new, is entered.
   */
  ensureListed(
    handle: string,
    record: SessionRecord,
    subject: string | undefined,
  ): Awaitable<boolean> {
    const session = listedAs(handle, record, subject);
    return session ? this.#recheck(session) : true;
  }

  async #recheck(session: Listed): Promise<boolean> {
    const { subject, handle, since } = session;
    const row = await this.#rows.read(subject);
    if (!isRevoked(row, handle, since)) {
      if (row.entries.some((entry) => entry.handle === handle)) return true;
      if (await this.#addEntry(session)) return this.#enforceLimit(session);
    }
    await this.#end(subject, handle, "late");
    return false;
  }

  /** After a session was ended, or has another subject. What fails here is cleared away later. */
  async removeEntries(subject: string, ...handles: readonly string[]): Promise<void> {
    try {
      await this.#rows.change(subject, (row) => ({
        ...row,
        entries: without(row.entries, ...handles),
      }));
    } catch (error) {
      publishSweepError(this.#context.cookieName, error);
    }
  }

  async list(subject: string): Promise<readonly ListedSession[]> {
    const { living, dead } = await this.#look(subject);
    if (dead.length > 0) await this.removeEntries(subject, ...dead);
    return living;
  }

  revoke(subject: string, except: string | undefined): Promise<void> {
    const { signInClock } = this.#context;
    return this.#revoke(subject, "subject", (row) =>
      revokeAll(row, signInClock.revocationTime(), except),
    );
  }

  revokeOne(subject: string, handle: string): Promise<void> {
    return this.#revoke(subject, "handle", (row) => revokeEntry(row, handle));
  }

  /** Marks before it ends: a log-in that is under way sees the mark, and who comes after a failure goes on here. */
  async #revoke(
    subject: string,
    reason: Revocation,
    mark: (row: SubjectRecord) => SubjectRecord,
  ): Promise<void> {
    const { entries } = await this.#rows.change(subject, mark);
    const ended = entries.filter(({ revoked }) => revoked).map(({ handle }) => handle);
    if (ended.length === 0) return;
    await Promise.all(ended.map((handle) => this.#end(subject, handle, reason)));
    await this.removeEntries(subject, ...ended);
  }

  /**
   * Ends all but the newest, as many as the limit allows, and gives those. A log-in without a row yet does not count:
   * it will look itself when it has one, and then sees all of these.
   */
  async #keepNewest(subject: string): Promise<ReadonlySet<string>> {
    const { living, dead } = await this.#look(subject);
    const handles = living.map(({ handle }) => handle);
    const beyond = handles.slice(this.#limit);
    await Promise.all(beyond.map((handle) => this.#end(subject, handle, "limit")));
    await this.removeEntries(subject, ...dead, ...beyond);
    return new Set(handles.slice(0, this.#limit));
  }

  /** What has become of the sessions in a list. One without a row may be under way for a while. */
  async #look(
    subject: string,
  ): Promise<{ readonly living: readonly ListedSession[]; readonly dead: readonly string[] }> {
    const { entries } = await this.#rows.read(subject);
    const sorted = newestFirst(entries.filter(({ revoked }) => !revoked));
    const rows = await Promise.all(sorted.map(async ({ handle }) => this.#table.get(handle)));
    const living: ListedSession[] = [];
    const dead: string[] = [];
    for (const [at, { handle, addedAt }] of sorted.entries()) {
      const record = this.#recordOf(rows[at], subject);
      if (record) living.push({ handle, record });
      else if (this.#context.now() - addedAt >= UNDER_WAY) dead.push(handle);
    }
    return { living, dead };
  }

  /** What a session's row says, if it lives and is this subject's. */
  #recordOf(row: SessionRow | undefined, subject: string): SessionRecord | undefined {
    const { expiryOf, subjectOf } = this.#context;
    const record = row && readRow(row.value, row.expiresAt)?.record;
    if (!record || expiryOf(record) !== undefined) return undefined;
    return subjectOf(record.data) === subject ? record : undefined;
  }

  /**
   * Deletes a session's row, if it is this subject's. Of a row that another version of Sojourn has written, the list is
   * believed.
   */
  async #end(subject: string, handle: string, reason: Revocation): Promise<void> {
    const seen = await this.#table.get(handle);
    if (!seen) return;
    const result = await deleteRow(this.#table, handle, seen, (row) => {
      const content = readRow(row.value, row.expiresAt);
      const isTheirs = !content || this.#context.subjectOf(content.record.data) === subject;
      return isTheirs ? undefined : NOT_THEIRS;
    });
    if (result === "done") publish("revoke", this.#context.cookieName, handle, reason);
  }
}

const NOT_THEIRS = {} as const;

function listedAs(
  handle: string,
  { subjectSince, createdAt }: SessionRecord,
  subject: string | undefined,
): Listed | undefined {
  if (subject === undefined) return undefined;
  return { subject, handle, since: subjectSince ?? createdAt, createdAt };
}

function without(entries: readonly Entry[], ...handles: readonly string[]): readonly Entry[] {
  return entries.filter(({ handle }) => !handles.includes(handle));
}
