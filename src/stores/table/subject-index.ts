import type { Awaitable } from "../../core/awaitable.ts";
import { publishSweepError } from "../../core/events.ts";
import type { Revocation, StopReason } from "../../core/events.ts";
import type {
  ChangedRecord,
  ListedSession,
  SessionRecord,
  Stopped,
  StoreContext,
  SubjectSessions,
} from "../../core/store.ts";
import { MOST_SESSIONS } from "../../core/subject/subject.ts";
import type { Limit } from "../../core/subject/subject.ts";
import type { ListedRows } from "./listed-rows.ts";
import type { SubjectRows, SubjectView } from "./subject-rows.ts";
import { Coalescer } from "../table-access/coalesce.ts";
import { isRevoked, newestFirst, revokeAll, revokeEntry } from "../table-access/subject-record.ts";
import type { Entry, SubjectRecord } from "../table-access/subject-record.ts";

/** How many of the oldest sessions a log-in beyond the limit looks at, to see which ones still live. */
const LOOKED_AT = 100;

/** A row that is written with another subject than it had. */
export interface SubjectMove {
  readonly handle: string;
  /** The subject before; `undefined` for a new session, or if nobody was signed in. */
  readonly from: string | undefined;
  readonly record: ChangedRecord;
}

/** Why a log-in does not come about. */
type Refusal = Extract<StopReason, "revoked" | "limit">;

/** A session as the list of its subject knows it. */
interface Listed {
  readonly subject: string;
  readonly handle: string;
  readonly since: number;
  readonly createdAt: number;
}

/**
 * The lists of each subject's sessions, for `list`, `revoke` and `limit`. An entry is written before the session's row
 * and removed after it, so that every living session is in the list. The next call that meets an entry without a
 * session removes it.
 */
export class SubjectIndex implements SubjectSessions {
  readonly #context: StoreContext;
  readonly #rows: SubjectRows;
  readonly #listed: ListedRows;
  readonly #limit: Limit;
  readonly #keepings = new Coalescer<ReadonlySet<string>>();
  readonly #lists = new Coalescer<readonly ListedSession[]>();

  constructor(context: StoreContext, rows: SubjectRows, listed: ListedRows) {
    this.#context = context;
    this.#rows = rows;
    this.#listed = listed;
    this.#limit = context.limit ?? { max: MOST_SESSIONS, refuse: false };
  }

  /** Runs before a row whose subject changes is written. Gives the reason why it must not be, if there is one. */
  async before({ handle, record }: SubjectMove): Promise<Refusal | undefined> {
    const session = listedAs(handle, record, record.subject);
    return session ? this.#admit(session) : undefined;
  }

  /** Asks before a log-in ends other sessions in the same browser. Later log-ins may still take the place. */
  async refusal(
    { subject, subjectSince, createdAt }: ChangedRecord,
    ending: readonly string[],
  ): Promise<Refusal | undefined> {
    if (subject === undefined) return undefined;
    const row = await this.#rows.read(subject);
    if (row.isRevoked("", subjectSince ?? createdAt)) return "revoked";
    if (!this.#limit.refuse) return undefined;
    const others = without(sortedOf(row), ...ending);
    if (others.length < this.#limit.max) return undefined;
    const { dead } = await this.#listed.look(subject, others.slice(-LOOKED_AT));
    return others.length - dead.length < this.#limit.max ? undefined : "limit";
  }

  /**
   * Runs after that row was written, or could not be written. Gives the result, unless the session was revoked
   * meanwhile or newer ones have reached the limit.
   * @param result the result of the write; `undefined` if the row could not be inserted
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

  async #admit(session: Listed): Promise<Refusal | undefined> {
    if (!this.#limit.refuse) return this.#addEntry(session);
    const { subject } = session;
    const { max } = this.#limit;
    const refusal = await this.#addEntry(session, max);
    if (refusal !== "limit") return refusal;
    // Sessions that have expired stand in the list until somebody looks.
    const { dead } = await this.#listed.look(
      subject,
      (await this.#sorted(subject)).slice(-LOOKED_AT),
    );
    if (dead.length === 0) return refusal;
    await this.removeEntries(subject, ...dead);
    return this.#addEntry(session, max);
  }

  /**
   * Adds a session to the list, unless it began before a revocation, or so many others are there.
   * @param max how many sessions the list may have with this one
   */
  async #addEntry(
    { subject, handle, since, createdAt }: Listed,
    max: number = Infinity,
  ): Promise<Refusal | undefined> {
    const { now, lifespans } = this.#context;
    const endsAt = createdAt + lifespans.longest;
    const entry: Entry = { handle, since, endsAt, addedAt: now(), revoked: false };
    const elsewhere = await this.#rows.readOthers(subject);
    if (elsewhere.isRevoked(handle, since)) return "revoked";
    const count = (entries: readonly Entry[]): number =>
      entries.filter((each) => !each.revoked).length;
    const row = await this.#rows.enter(subject, (before) => {
      if (isRevoked(before, handle, since)) return before;
      const others = without(before.entries, handle);
      const isNew = others.length === before.entries.length;
      if (isNew && count(others) + count(elsewhere.entries) >= max) return before;
      return { ...before, entries: [...others, entry] };
    });
    if (row.isRevoked(handle, since)) return "revoked";
    return row.entries.some((each) => each.handle === handle) ? undefined : "limit";
  }

  /**
   * Runs after the row of a log-in was written, and ends the oldest sessions beyond the limit. If this session was
   * revoked meanwhile, or newer ones have reached the limit, it ends this session and gives `false`.
   */
  async #enforceLimit({ subject, handle, since }: Listed): Promise<boolean> {
    const row = await this.#rows.read(subject);
    const entered = row.entries.some((entry) => entry.handle === handle);
    if (row.isRevoked(handle, since)) {
      await this.#listed.end(subject, [handle], "late");
    } else if (!entered) {
      await this.#listed.end(subject, [handle], "limit");
    } else if (this.#limit.refuse || row.entries.length <= this.#limit.max) {
      return true;
    } else {
      const kept = await this.#keepings.run(subject, () => this.#keepNewest(subject));
      if (kept.has(handle)) return true;
    }
    await this.removeEntries(subject, handle);
    return false;
  }

  /**
   * Runs when a session is used again after a while. If a revocation has not reached the session, it ends the session
   * and gives `false`. It adds a session that the list does not know, because the table has lost the list or the option
   * `subject` is new.
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
    if (!row.isRevoked(handle, since)) {
      if (row.entries.some((entry) => entry.handle === handle)) return true;
      if (!(await this.#addEntry(session))) return this.#enforceLimit(session);
    }
    await this.#listed.end(subject, [handle], "late");
    return false;
  }

  /** Runs after a session has ended or changed its subject. An entry that it fails to remove is removed later. */
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

  /** Requests that ask for the same list at once share one look that begins after all of them. */
  list(subject: string, most: number): Promise<readonly ListedSession[]> {
    return this.#lists.run(`${most} ${subject}`, () => this.#list(subject, most));
  }

  async #list(subject: string, most: number): Promise<readonly ListedSession[]> {
    const { living, dead } = await this.#listed.look(subject, await this.#sorted(subject), most);
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

  /** Marks the sessions, then ends them. A log-in that is under way sees the mark, and a later call ends the rest. */
  async #revoke(
    subject: string,
    reason: Revocation,
    mark: (row: SubjectRecord) => SubjectRecord,
  ): Promise<void> {
    const { entries } = await this.#rows.change(subject, mark);
    const ended = entries.filter(({ revoked }) => revoked).map(({ handle }) => handle);
    if (ended.length === 0) return;
    await this.#listed.end(subject, ended, reason);
    await this.removeEntries(subject, ...ended);
  }

  /**
   * Ends all sessions but the newest ones within the limit, and gives these. Only the oldest are looked at, and the
   * others count as living. A log-in among the oldest whose row is not written yet does not count. It will check the
   * limit itself when it has written its row, and then sees all of these.
   */
  async #keepNewest(subject: string): Promise<ReadonlySet<string>> {
    const sorted = await this.#sorted(subject);
    const newer = sorted.slice(0, -LOOKED_AT).map(({ handle }) => handle);
    const { living, dead } = await this.#listed.look(subject, sorted.slice(-LOOKED_AT));
    const handles = [...newer, ...living.map(({ handle }) => handle)];
    const beyond = handles.slice(this.#limit.max);
    await this.#listed.end(subject, beyond, "limit");
    await this.removeEntries(subject, ...dead, ...beyond);
    return new Set(handles.slice(0, this.#limit.max));
  }

  async #sorted(subject: string): Promise<readonly Entry[]> {
    return sortedOf(await this.#rows.read(subject));
  }
}

function sortedOf({ entries }: Pick<SubjectView, "entries">): readonly Entry[] {
  return newestFirst(entries.filter(({ revoked }) => !revoked));
}

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
