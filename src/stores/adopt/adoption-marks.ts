import { SessionError } from "../../core/errors.ts";
import type { AdoptContext, StoreContext } from "../../core/store.ts";
import { UNSEALED } from "../table-access/row-seal.ts";
import { SideRecords } from "../table-access/side-records.ts";
import type { TimedTable } from "../table-access/timed-table.ts";
import type { RingKey } from "../../crypto/keyring.ts";

/** The first characters of the row, which name the format of the rest. */
const FORMAT = "a1";

/**
 * How far the adoption of an old session has come. It only goes forward. `NONE`: nobody has begun it. `BEGUN`: a row may
 * be there, and nobody has used it. `DONE`: the row was there, so that the session has ended if it is not.
 */
export type Adoption = 0 | 1 | 2;
export const NONE = 0;
export const BEGUN = 1;
export const DONE = 2;

/**
 * The marks of old sessions that were adopted. The row of such a session has a handle that is derived, so that it could be
 * inserted again after a log-out. Its mark says that it was there, and is kept as long as old cookies count.
 */
export class AdoptionMarks {
  readonly #records: SideRecords<Adoption>;

  constructor(io: TimedTable, context: StoreContext, { until }: AdoptContext, nameKey: RingKey) {
    this.#records = new SideRecords<Adoption>(
      io,
      context,
      {
        purpose: "adopted",
        empty: NONE,
        prune: (value) => value,
        isEmpty: (value) => value === NONE,
        write: (value) => FORMAT + String(value),
        expiresAt: () => until,
        read(text) {
          if (text === FORMAT + String(BEGUN)) return BEGUN;
          if (text === FORMAT + String(DONE)) return DONE;
          throw new SessionError(
            "ERR_SESSION_STORE",
            "the mark of an adopted session was written by another version of Sojourn",
          );
        },
      },
      { nameKey, seal: UNSEALED },
    );
  }

  async read(unique: string): Promise<Adoption> {
    return this.#records.read(unique);
  }

  /** Gives how far it has come then: another request may be further. */
  begin(unique: string): Promise<Adoption> {
    return this.#records.change(unique, (value) => (value === NONE ? BEGUN : value));
  }

  async finish(unique: string): Promise<void> {
    await this.#records.change(unique, () => DONE);
  }
}
