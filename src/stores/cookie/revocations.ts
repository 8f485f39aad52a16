import type { Asked } from "../../core/load/asked.ts";
import { andThen, isPending } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { publishEnd } from "../../core/events.ts";
import type { StoreContext, SubjectSessions } from "../../core/store.ts";
import { isHandle } from "../../crypto/token.ts";
import { CachedRecords } from "./cached-records.ts";
import { endedRecord, isSameRecord, revocationFormat, sealStatus } from "./revocation-record.ts";
import type { RevocationRecord } from "./revocation-record.ts";
import type { Payload } from "./payload.ts";
import { RevokedBefore, beforeFormat } from "../table-access/revoked-before.ts";
import { SideRecords } from "../table-access/side-records.ts";
import { isRevoked, revokeAll, subjectFormat } from "../table-access/subject-record.ts";
import type { SubjectRecord } from "../table-access/subject-record.ts";
import type { Sweeps } from "../table-access/sweeps.ts";
import type { TimedTable } from "../table-access/timed-table.ts";

/** The rights of a seal. It is `revoked` by its handle, or with others: all of its subject, or all before a moment. */
export type SealStatus = ReturnType<typeof sealStatus> | "revoked";

/** How to ask for the rights of a seal. */
interface Question {
  /** Whether to ask the table, even if it has answered lately. */
  readonly fresh?: boolean;
  /** What the request has asked for its other cookies. */
  readonly asked?: Asked | undefined;
}

/** The most sessions of one subject that `revokeOne` ends one by one. */
const MOST_ENTRIES = 1000;

/**
 * Knows which sealed sessions were ended or renewed before their deadline: single ones by their handle, and all sessions
 * that were signed in before a certain moment, of one subject or of everybody.
 */
export class Revocations implements SubjectSessions {
  readonly mark: RevokedBefore;
  readonly #context: StoreContext;
  readonly #sweeps: Sweeps;
  readonly #ends: CachedRecords<RevocationRecord>;
  readonly #subjects: CachedRecords<SubjectRecord>;

  /** @param staleness milliseconds for which an answer of the table counts as still true */
  constructor(io: TimedTable, sweeps: Sweeps, context: StoreContext, staleness: number) {
    this.#context = context;
    this.#sweeps = sweeps;
    const ends = new SideRecords(io, context, revocationFormat(context));
    const subjects = new SideRecords(io, context, subjectFormat("revoked", context));
    this.#ends = new CachedRecords(ends, staleness, context.now);
    this.#subjects = new CachedRecords(subjects, staleness, context.now);
    const marks = [new SideRecords(io, context, beforeFormat(context))];
    this.mark = new RevokedBefore(() => marks, context);
  }

  /** Gives the rights that a seal has now. */
  status(sealed: Payload, { fresh = false, asked }: Question = {}): Awaitable<SealStatus> {
    const { handle } = sealed;
    const readEnd = (): Awaitable<RevocationRecord> => this.#ends.read(handle, fresh);
    const end = asked ? asked.once(`end ${handle}`, readEnd) : readEnd();
    const subject = this.#context.subjectOf(sealed.record.data);
    const row = subject === undefined ? undefined : this.#readSubject(subject, fresh, asked);
    const marking = this.mark.refresh();
    // All questions are sent before the answer to any is awaited.
    return marking || isPending(end) || isPending(row)
      ? Promise.all([end, row, marking]).then(([e, r]) => this.#judge(sealed, e, r))
      : this.#judge(sealed, end, row);
  }

  /**
   * Ends a session for all its seals. Only a `current` or `read-only` seal may do so. Gives the status that it had.
   */
  end(sealed: Payload): Promise<SealStatus> {
    return this.#change(sealed, (status, until) =>
      status === "current" || status === "read-only" ? endedRecord(until) : undefined,
    );
  }

  /**
   * Retires the seals up to this one. Gives the status that this one had. Only one request finds it `current`, and that
   * request renews.
   */
  renew(sealed: Payload, sameSubject: boolean): Promise<SealStatus> {
    const { now, renewGrace } = this.#context;
    const graceEnd = now() + renewGrace;
    const generation = sealed.generation + 1;
    return this.#change(sealed, (status, until) =>
      status === "current" ? { generation, graceEnd, sameSubject, until } : undefined,
    );
  }

  async revoke(subject: string, except: string | undefined): Promise<void> {
    const { signInClock, cookieName } = this.#context;
    this.#sweeps.sometimes();
    await this.#changeSubject(subject, (row) =>
      revokeAll(row, signInClock.revocationTime(), except),
    );
    publishEnd("revoke", cookieName, { handle: undefined, endedId: undefined }, "subject");
  }

  async revokeOne(subject: string, handle: string): Promise<void> {
    if (!isHandle(handle)) return;
    const { now, lifespans, signInClock, cookieName } = this.#context;
    this.#sweeps.sometimes();
    const addedAt = now();
    const entry = { handle, since: 0, endsAt: addedAt + lifespans.longest, addedAt, revoked: true };
    await this.#changeSubject(subject, (row) => {
      const entries = [...row.entries.filter((each) => each.handle !== handle), entry];
      if (entries.length <= MOST_ENTRIES) return { ...row, entries };
      // The record has no room for more entries, so that all sessions of the subject are revoked.
      return { ...revokeAll(row, signInClock.revocationTime(), undefined), entries: [] };
    });
    publishEnd("revoke", cookieName, { handle, endedId: undefined }, "handle");
  }

  async #change(
    sealed: Payload,
    edit: (status: SealStatus, until: number) => RevocationRecord | undefined,
  ): Promise<SealStatus> {
    const { handle, record } = sealed;
    this.#sweeps.sometimes();
    // An earlier deployment may have sealed the session for longer than this one lets any session live.
    const { endsAt = 0, createdAt } = record;
    const { lifespans, adopt } = this.#context;
    const until = Math.max(createdAt + lifespans.longest, endsAt, adopt?.until ?? 0);
    let status: SealStatus = "current";
    let made: RevocationRecord | undefined;
    await this.#ends.change(handle, (row) => {
      // An earlier try may have arrived after all. Its own renewal would look like that of another request.
      if (made && isSameRecord(row, made)) return row;
      status = sealStatus(row, sealed.generation, this.#context.now());
      made = edit(status, until);
      return made ?? row;
    });
    return status;
  }

  #readSubject(
    subject: string,
    fresh: boolean,
    asked: Asked | undefined,
  ): Awaitable<SubjectRecord> {
    const read = (): Awaitable<SubjectRecord> =>
      andThen(this.#subjects.read(subject, fresh), (row) => this.#met(subject, row));
    return asked ? asked.once(`subject ${subject}`, read) : read();
  }

  async #changeSubject(
    subject: string,
    edit: (row: SubjectRecord) => SubjectRecord,
  ): Promise<void> {
    this.#met(subject, await this.#subjects.change(subject, edit));
  }

  #met(subject: string, row: SubjectRecord): SubjectRecord {
    this.#context.signInClock.meet(subject, row.notBefore);
    return row;
  }

  #judge(
    { handle, generation, record }: Payload,
    end: RevocationRecord,
    row: SubjectRecord | undefined,
  ): SealStatus {
    const { subjectSince = record.createdAt } = record;
    if (row && isRevoked(row, handle, subjectSince)) return "revoked";
    const status = sealStatus(end, generation, this.#context.now());
    if (status === "ended" || !this.mark.covers(record)) return status;
    // The seal that has replaced a retired one may be of a later sign-in, and its cookie must stay in the browser.
    return status === "current" ? "revoked" : "superseded";
  }
}
