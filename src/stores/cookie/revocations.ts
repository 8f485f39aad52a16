import { isPending } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { publish } from "../../core/events.ts";
import type { StoreContext, SubjectSessions } from "../../core/store.ts";
import { Lately } from "./cached-records.ts";
import { ended, generationOf, sealedEndFormat } from "./revocation-record.ts";
import type { Generation, SealedEnd } from "./revocation-record.ts";
import type { Sealed } from "./payload.ts";
import { SideRows } from "../table-access/side-records.ts";
import { isRevoked, revokeAll, subjectFormat } from "../table-access/subject-record.ts";
import type { SubjectRow } from "../table-access/subject-record.ts";
import type { TableIo } from "../table-access/timed-table.ts";

/** What a sealed session may do; `revoked` with all of its subject, or by its handle. */
export type Standing = Generation | "revoked";

/** What a handle looks like: anything else names no session. */
const HANDLE = /^[\w-]{22}$/;
/** The most sessions of one subject that are ended one by one. */
const MOST_ENTRIES = 1000;

/**
 * Which sealed sessions were ended or renewed before their deadline: single ones by their handle, and all of a subject
 * that were signed in before a moment.
 */
export class Revocations implements SubjectSessions {
  readonly #context: StoreContext;
  readonly #ends: Lately<SealedEnd>;
  readonly #subjects: Lately<SubjectRow>;

  /** @param staleness milliseconds for which an answer of the table is taken as still true */
  constructor(io: TableIo, context: StoreContext, staleness: number) {
    this.#context = context;
    const ends = new SideRows(io, context, sealedEndFormat(context));
    const subjects = new SideRows(io, context, subjectFormat("revoked", context));
    this.#ends = new Lately(ends, staleness, context.now);
    this.#subjects = new Lately(subjects, staleness, context.now);
  }

  /** @param fresh whether to ask the table, whatever was answered lately */
  standing(sealed: Sealed, fresh = false): Awaitable<Standing> {
    const end = this.#ends.read(sealed.handle, fresh);
    const subject = this.#context.subjectOf(sealed.record.data);
    const row = subject === undefined ? undefined : this.#subjects.read(subject, fresh);
    // Both were asked for before either is waited for.
    return isPending(end) || isPending(row)
      ? Promise.all([end, row]).then(([e, r]) => this.#judge(sealed, e, r))
      : this.#judge(sealed, end, row);
  }

  /** Ends a session, for all its seals. Gives what this seal was worth; `left` and `superseded` may not end it. */
  end(sealed: Sealed): Promise<Generation> {
    return this.#change(sealed, (worth, until) =>
      worth === "current" || worth === "same" ? ended(until) : undefined,
    );
  }

  /**
   * Retires the seals up to this one. Gives what this one was worth: only one request renews a session that was
   * `current`.
   */
  renew(sealed: Sealed, sameSubject: boolean): Promise<Generation> {
    const { now, renewGrace } = this.#context;
    const graceEnd = now() + renewGrace;
    const generation = sealed.generation + 1;
    return this.#change(sealed, (worth, until) =>
      worth === "current" ? { generation, graceEnd, sameSubject, until } : undefined,
    );
  }

  async revoke(subject: string, except: string | undefined): Promise<void> {
    const { moments, key } = this.#context;
    await this.#subjects.change(subject, (row) => revokeAll(row, moments.ofRevocation(), except));
    publish("revoke", key, undefined, "subject");
  }

  async revokeOne(subject: string, handle: string): Promise<void> {
    if (!HANDLE.test(handle)) return;
    const { now, absolute, moments, key } = this.#context;
    const entered = now();
    const entry = { handle, since: 0, until: entered + absolute, entered, revoked: true };
    await this.#subjects.change(subject, (row) => {
      const entries = [...row.entries.filter((each) => each.handle !== handle), entry];
      if (entries.length <= MOST_ENTRIES) return { ...row, entries };
      // Too many to tell apart: better too much is revoked than too little.
      return { ...revokeAll(row, moments.ofRevocation(), undefined), entries: [] };
    });
    publish("revoke", key, handle, "handle");
  }

  async #change(
    sealed: Sealed,
    edit: (worth: Generation, until: number) => SealedEnd | undefined,
  ): Promise<Generation> {
    const { handle, record } = sealed;
    const until = record.createdAt + this.#context.absolute;
    let worth: Generation = "current";
    await this.#ends.change(handle, (row) => {
      worth = generationOf(row, sealed.generation, this.#context.now());
      return edit(worth, until) ?? row;
    });
    return worth;
  }

  #judge(
    { handle, generation, record }: Sealed,
    end: SealedEnd,
    row: SubjectRow | undefined,
  ): Standing {
    const { since = record.createdAt } = record;
    if (row && isRevoked(row, handle, since)) return "revoked";
    return generationOf(end, generation, this.#context.now());
  }
}
