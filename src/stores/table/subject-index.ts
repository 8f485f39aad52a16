import type { Awaitable } from "../../core/awaitable.ts";
import { publish, publishSweepError } from "../../core/events.ts";
import type { Revocation } from "../../core/events.ts";
import type {
  ListedSession,
  SessionRecord,
  SessionRow,
  Stopped,
  StoreContext,
  SubjectSessions,
} from "../../core/store.ts";
import { MOST_SESSIONS } from "../../core/subject/subject.ts";
import { readRow } from "./row.ts";
import { SharedTask } from "../table-access/coalesce.ts";
import { SideRows } from "../table-access/side-records.ts";
import {
  isRevoked,
  newestFirst,
  revokeAll,
  revokeEntry,
  subjectFormat,
} from "../table-access/subject-record.ts";
import type { Entry, SubjectRow } from "../table-access/subject-record.ts";
import type { TableIo } from "../table-access/timed-table.ts";

/** Milliseconds that a session's row may come after its entry: far more than a commit takes. */
const UNDER_WAY = 60_000;
/** How often ending a session asks for the row as it has just seen it. */
const TRIES = 5;

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
  readonly #io: TableIo;
  readonly #context: StoreContext;
  readonly #rows: SideRows<SubjectRow>;
  readonly #limit: number;
  readonly #keepings = new SharedTask<ReadonlySet<string>>();

  constructor(io: TableIo, context: StoreContext) {
    this.#io = io;
    this.#context = context;
    this.#rows = new SideRows(io, context, subjectFormat("subject", context));
    this.#limit = context.limit ?? MOST_SESSIONS;
  }

  /** Writes a session's row, and keeps the lists of the subjects that it had and has in step. */
  follow<R extends object>(
    handle: string,
    before: SessionRecord | undefined,
    after: SessionRecord,
    write: () => Awaitable<R>,
  ): Awaitable<R | Stopped> {
    const { subjectOf } = this.#context;
    const was = before && subjectOf(before.data);
    const is = subjectOf(after.data);
    return was === is ? write() : this.#move(handle, was, this.#listed(handle, after), write);
  }

  async #move<R extends object>(
    handle: string,
    was: string | undefined,
    session: Listed | undefined,
    write: () => Awaitable<R>,
  ): Promise<R | Stopped> {
    if (session && !(await this.#enter(session))) return { stopped: "revoked" };
    const result = await write();
    if (session && "stopped" in result) await this.leave(session.subject, handle);
    if (!("record" in result)) return result;
    if (was !== undefined) await this.leave(was, handle);
    if (session && !(await this.#confirm(session))) return { stopped: "revoked" };
    return result;
  }

  /** Before the row of a log-in is written. Gives `false` for one that began before a revocation. */
  async #enter({ subject, handle, since, createdAt }: Listed): Promise<boolean> {
    const { now, absolute } = this.#context;
    const until = createdAt + absolute;
    const entry: Entry = { handle, since, until, entered: now(), revoked: false };
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
  async #confirm({ subject, handle, since }: Listed): Promise<boolean> {
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
    await this.leave(subject, handle);
    return false;
  }

  /**
   * When a session is seen again after a while. Gives `false`, and ends it, when its revocation has not reached it; a
   * session that the list does not know, because the table has lost it or `subject` is new, is entered.
   */
  isListed(handle: string, record: SessionRecord): Awaitable<boolean> {
    const session = this.#listed(handle, record);
    return session ? this.#recall(session) : true;
  }

  async #recall(session: Listed): Promise<boolean> {
    const { subject, handle, since } = session;
    const row = await this.#rows.read(subject);
    if (!isRevoked(row, handle, since)) {
      if (row.entries.some((entry) => entry.handle === handle)) return true;
      if (await this.#enter(session)) return this.#confirm(session);
    }
    await this.#end(subject, handle, "late");
    return false;
  }

  /** After a session was ended, or has another subject. What fails here is cleared away later. */
  async leave(subject: string, ...handles: readonly string[]): Promise<void> {
    try {
      await this.#rows.change(subject, (row) => ({
        ...row,
        entries: without(row.entries, ...handles),
      }));
    } catch (error) {
      publishSweepError(this.#context.key, error);
    }
  }

  async list(subject: string): Promise<readonly ListedSession[]> {
    const { living, dead } = await this.#look(subject);
    if (dead.length > 0) await this.leave(subject, ...dead);
    return living;
  }

  revoke(subject: string, except: string | undefined): Promise<void> {
    const { moments } = this.#context;
    return this.#revoke(subject, "subject", (row) =>
      revokeAll(row, moments.ofRevocation(), except),
    );
  }

  revokeOne(subject: string, handle: string): Promise<void> {
    return this.#revoke(subject, "handle", (row) => revokeEntry(row, handle));
  }

  /** Marks before it ends: a log-in that is under way sees the mark, and who comes after a failure goes on here. */
  async #revoke(
    subject: string,
    reason: Revocation,
    mark: (row: SubjectRow) => SubjectRow,
  ): Promise<void> {
    const { entries } = await this.#rows.change(subject, mark);
    const ended = entries.filter(({ revoked }) => revoked).map(({ handle }) => handle);
    if (ended.length === 0) return;
    await Promise.all(ended.map((handle) => this.#end(subject, handle, reason)));
    await this.leave(subject, ...ended);
  }

  #listed(handle: string, { data, since, createdAt }: SessionRecord): Listed | undefined {
    const subject = this.#context.subjectOf(data);
    return subject === undefined
      ? undefined
      : { subject, handle, since: since ?? createdAt, createdAt };
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
    await this.leave(subject, ...dead, ...beyond);
    return new Set(handles.slice(0, this.#limit));
  }

  /** What has become of the sessions in a list. One without a row may be under way for a while. */
  async #look(
    subject: string,
  ): Promise<{ readonly living: readonly ListedSession[]; readonly dead: readonly string[] }> {
    const { entries } = await this.#rows.read(subject);
    const sorted = newestFirst(entries.filter(({ revoked }) => !revoked));
    const rows = await Promise.all(sorted.map(async ({ handle }) => this.#io.get(handle)));
    const living: ListedSession[] = [];
    const dead: string[] = [];
    for (const [at, { handle, entered }] of sorted.entries()) {
      const record = this.#recordOf(rows[at], subject);
      if (record) living.push({ handle, record });
      else if (this.#context.now() - entered >= UNDER_WAY) dead.push(handle);
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
   * Deletes a session's row, if it is this subject's. A row that another version of Sojourn has written is taken at
   * its entry's word.
   */
  async #end(subject: string, handle: string, reason: Revocation): Promise<void> {
    let row = await this.#io.get(handle);
    for (let tries = 1; row; tries++) {
      const content = readRow(row.value, row.expiresAt);
      if (content && this.#context.subjectOf(content.record.data) !== subject) return;
      // Writers that never pause would win for ever: the last try asks for no version.
      const result = await this.#io.delete(handle, tries < TRIES ? row.version : undefined);
      if (result === "done") publish("revoke", this.#context.key, handle, reason);
      if (typeof result === "string") return;
      row = result;
    }
  }
}

function without(entries: readonly Entry[], ...handles: readonly string[]): readonly Entry[] {
  return entries.filter(({ handle }) => !handles.includes(handle));
}
