import type { StoreContext } from "../../core/store.ts";
import type { RingKey } from "../../crypto/keyring.ts";
import { Sealer } from "../../crypto/sealer.ts";
import { SealedRows } from "../table-access/row-seal.ts";
import { SideRecords } from "../table-access/side-records.ts";
import type { SideRowKeys } from "../table-access/side-records.ts";
import { isRevoked, subjectFormat } from "../table-access/subject-record.ts";
import type { Entry, SubjectRecord } from "../table-access/subject-record.ts";
import type { TimedTable } from "../table-access/timed-table.ts";
import type { Protection } from "./protection.ts";

/** Pure, and may run again. */
type Edit = (row: SubjectRecord) => SubjectRecord;

/** What the rows of one subject say together. */
export interface SubjectView {
  readonly entries: readonly Entry[];
  /** Whether a revocation meant this session, in whichever row it stands. */
  isRevoked(handle: string, since: number): boolean;
}

/**
 * The row of each subject. With a secret its name in the table is keyed, so that a subject may have a row under the name
 * of each secret, and one without a key from before. A log-in is entered under the name that this process writes;
 * processes that are being deployed may write another one. So whoever asks, and whoever revokes, goes through all. Each
 * row is changed by compare-and-set, and a log-in meets the mark of a revocation in the row in which it is entered.
 */
export class SubjectRows {
  readonly #first: SideRecords<SubjectRecord>;
  readonly #others: () => readonly SideRecords<SubjectRecord>[];

  constructor(io: TimedTable, context: StoreContext, protection: Protection | undefined) {
    const format = subjectFormat("subject", context);
    const rows = (keys?: SideRowKeys): SideRecords<SubjectRecord> =>
      new SideRecords(io, context, format, keys);
    if (!protection) {
      this.#first = rows();
      this.#others = () => [];
      return;
    }
    const { keyring, seals, unsealedUntil } = protection;
    const { cookieName, now, lifespans } = context;
    const sealer = new Sealer(keyring);
    const sealed = (nameKey: RingKey): SideRecords<SubjectRecord> =>
      rows({ nameKey, seal: new SealedRows(sealer, cookieName, () => false, true) });
    const plain = rows({
      nameKey: undefined,
      seal: new SealedRows(sealer, cookieName, () => true, seals),
    });
    const keyed = keyring.keys.map(sealed);
    const [first = plain, ...others] = seals ? keyed : [plain, ...keyed];
    this.#first = first;
    if (!seals) this.#others = () => others;
    else {
      // Sessions that were entered in a row without a key may live that long.
      const last = unsealedUntil + lifespans.longest;
      const withPlain = [...others, plain];
      this.#others = () => (now() < last ? withPlain : others);
    }
  }

  async read(subject: string): Promise<SubjectView> {
    return viewOf(await Promise.all(this.#all().map(async (rows) => rows.read(subject))));
  }

  /** Changes the row of the name that this process writes. */
  async enter(subject: string, edit: Edit): Promise<SubjectView> {
    return viewOf([await this.#first.change(subject, edit)]);
  }

  /** What the rows of the other names say. */
  async readOthers(subject: string): Promise<SubjectView> {
    return viewOf(await Promise.all(this.#others().map(async (rows) => rows.read(subject))));
  }

  /** Changes all rows. Gives what they say then. */
  async change(subject: string, edit: Edit): Promise<SubjectView> {
    return viewOf(await Promise.all(this.#all().map((rows) => rows.change(subject, edit))));
  }

  #all(): readonly SideRecords<SubjectRecord>[] {
    return [this.#first, ...this.#others()];
  }
}

function viewOf(rows: readonly SubjectRecord[]): SubjectView {
  return {
    entries: rows.length === 1 ? (rows[0]?.entries ?? []) : merge(rows),
    isRevoked: (handle, since) => rows.some((row) => isRevoked(row, handle, since)),
  };
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
