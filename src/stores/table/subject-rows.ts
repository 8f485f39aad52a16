import type { StoreContext } from "../../core/store.ts";
import type { SignInClock } from "../../core/subject/sign-in-clock.ts";
import { isRevoked, subjectFormat } from "../table-access/subject-record.ts";
import type { Entry, SubjectRecord } from "../table-access/subject-record.ts";
import type { TimedTable } from "../table-access/timed-table.ts";
import type { Protection } from "./protection.ts";
import { SideRowNames } from "./side-row-names.ts";

/** Pure, and may run again. */
type Edit = (row: SubjectRecord) => SubjectRecord;

/** What the rows of one subject say together. */
export interface SubjectView {
  readonly entries: readonly Entry[];
  /** Whether a revocation meant this session, in whichever row it stands. */
  isRevoked(handle: string, since: number): boolean;
}

/**
 * The row of each subject, which may have several names. A log-in is entered under the name that this process writes;
 * processes that are being deployed may write another one. So whoever asks, and whoever revokes, goes through all. Each
 * row is changed by compare-and-set, and a log-in meets the mark of a revocation in the row in which it is entered.
 */
export class SubjectRows {
  readonly #names: SideRowNames<SubjectRecord>;
  readonly #clock: SignInClock;

  constructor(io: TimedTable, context: StoreContext, protection: Protection | undefined) {
    const format = subjectFormat("subject", context);
    this.#clock = context.signInClock;
    this.#names = new SideRowNames(io, context, protection, format);
  }

  async read(subject: string): Promise<SubjectView> {
    const reading = this.#names.all().map(async (rows) => rows.read(subject));
    return this.#view(subject, await Promise.all(reading));
  }

  /** Changes the row of the name that this process writes. */
  async enter(subject: string, edit: Edit): Promise<SubjectView> {
    return this.#view(subject, [await this.#names.first.change(subject, edit)]);
  }

  /** What the rows of the other names say. */
  async readOthers(subject: string): Promise<SubjectView> {
    const reading = this.#names.others().map(async (rows) => rows.read(subject));
    return this.#view(subject, await Promise.all(reading));
  }

  /** Changes all rows. Gives what they say then. */
  async change(subject: string, edit: Edit): Promise<SubjectView> {
    const changing = this.#names.all().map((rows) => rows.change(subject, edit));
    return this.#view(subject, await Promise.all(changing));
  }

  #view(subject: string, rows: readonly SubjectRecord[]): SubjectView {
    for (const { notBefore } of rows) this.#clock.meet(subject, notBefore);
    return {
      entries: rows.length === 1 ? (rows[0]?.entries ?? []) : merge(rows),
      isRevoked: (handle, since) => rows.some((row) => isRevoked(row, handle, since)),
    };
  }
}

/** Two processes may have entered one session, each under its own name. Revoked in one row, it is revoked. */
function merge(rows: readonly SubjectRecord[]): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const entry of rows.flatMap((row) => row.entries)) {
    const known = entries.get(entry.handle);
    if (!known?.revoked) entries.set(entry.handle, entry);
  }
  return [...entries.values()];
}
