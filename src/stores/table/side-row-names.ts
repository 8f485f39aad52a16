import type { StoreContext } from "../../core/store.ts";
import type { RingKey } from "../../crypto/keyring.ts";
import { Sealer } from "../../crypto/sealer.ts";
import { SealedRows } from "../table-access/row-seal.ts";
import { SideRecords } from "../table-access/side-records.ts";
import type { RecordFormat, SideRowKeys } from "../table-access/side-records.ts";
import type { TimedTable } from "../table-access/timed-table.ts";
import type { Protection } from "./protection.ts";

/**
 * The side rows of one kind, under each of their names. With a secret the name of a row in the table is keyed, so that
 * there may be a row under the name of each secret, and one without a key from before.
 */
export class SideRowNames<T> {
  /** The rows under the name that this process writes. */
  readonly first: SideRecords<T>;
  readonly others: () => readonly SideRecords<T>[];

  /**
   * @param byName whether the secret that names a row also seals it, so that a process without the newest secret can
   * read it. Else the first secret seals every row.
   */
  constructor(
    io: TimedTable,
    context: StoreContext,
    protection: Protection | undefined,
    format: RecordFormat<T>,
    byName = false,
  ) {
    const rows = (keys?: SideRowKeys): SideRecords<T> => new SideRecords(io, context, format, keys);
    if (!protection) {
      this.first = rows();
      this.others = () => [];
      return;
    }
    const { keyring, seals, unsealedUntil } = protection;
    const { cookieName, now, lifespans } = context;
    const sealer = new Sealer(keyring);
    const sealed = (nameKey: RingKey): SideRecords<T> => {
      const own = byName ? new Sealer({ ...keyring, first: nameKey }) : sealer;
      return rows({ nameKey, seal: new SealedRows(own, cookieName, () => false, true) });
    };
    const plain = rows({
      nameKey: undefined,
      seal: new SealedRows(sealer, cookieName, () => true, seals),
    });
    const keyed = keyring.keys.map(sealed);
    const [first = plain, ...others] = seals ? keyed : [plain, ...keyed];
    this.first = first;
    if (!seals) this.others = () => others;
    else {
      // Sessions that were entered in a row without a key may live that long.
      const last = unsealedUntil + lifespans.longest;
      const withPlain = [...others, plain];
      this.others = () => (now() < last ? withPlain : others);
    }
  }

  readonly all = (): readonly SideRecords<T>[] => [this.first, ...this.others()];
}
