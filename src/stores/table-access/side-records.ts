import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import type { SessionRow, StoreContext } from "../../core/store.ts";
import type { RingKey } from "../../crypto/keyring.ts";
import { rowKey } from "../../crypto/row-key.ts";
import { newVersion } from "../../crypto/version.ts";
import { CompareAndSet, Conflict } from "./compare-and-set.ts";
import { Coalescer } from "./coalesce.ts";
import { UNSEALED } from "./row-seal.ts";
import type { RowSeal } from "./row-seal.ts";
import type { TimedTable } from "./timed-table.ts";

/** The content of one kind of side row, and its format. */
export interface RecordFormat<T> {
  /** The part of the rows' keys that names their kind, beside the cookie's name. */
  readonly purpose: Parameters<typeof rowKey>[0];
  /** The value that an absent row stands for. */
  readonly empty: T;
  /** Gives the value without the parts that no longer matter. */
  readonly prune: (value: T) => T;
  /** Whether there is nothing to keep. */
  readonly isEmpty: (value: T) => boolean;
  readonly write: (value: T) => string;
  /** Reads the text. @throws if another version of Sojourn has written it, because its content must not be lost */
  readonly read: (text: string) => T;
  /** Gives the time from which on the row may be removed. */
  readonly expiresAt: (value: T) => number;
}

/** What the names and the texts of side rows are made with. Without a secret there is no key, and nothing is sealed. */
export interface SideRowKeys {
  readonly nameKey: RingKey | undefined;
  readonly seal: RowSeal;
}

/**
 * The longest time that an insert may be under way, in milliseconds. A side row is inserted again under the same key, so
 * that it must outlive every insert that was made before it was emptied. It is never deleted; the sweep removes it.
 */
const LONGEST_WAY = 15 * 60_000;

const NO_KEYS: SideRowKeys = { nameKey: undefined, seal: UNSEALED };

/**
 * A change of the value. It is pure, because it may run again, also over itself: if its answer is lost and another process
 * writes before the client sends it again, it is applied twice. Side rows name no replaced versions, because that does no
 * harm. Entries come and go by their handle. Marks, moments and generations only move forward, and the renewal of a seal knows the record that it has made. A revocation that is
 * applied again is the same revocation at a later moment of the same call, and ends what has begun since, as it may.
 */
type Edit<T> = (value: T) => T;

/**
 * Side rows: rows beside those of the sessions, in the same table and by the same five methods, which every table has.
 * Every change of one is a compare-and-set. Changes of one row that meet in a process are written together, so that
 * many log-ins of one user at once cause no conflicts among themselves.
 */
export class SideRecords<T> {
  readonly #table: TimedTable;
  readonly #cookieName: string;
  readonly #now: () => number;
  readonly #format: RecordFormat<T>;
  readonly #keys: SideRowKeys;
  readonly #commits = new CompareAndSet();
  readonly #writes = new Coalescer<T>();
  /** The changes that wait for the next write, by key. */
  readonly #edits = new Map<string, Edit<T>[]>();

  constructor(
    io: TimedTable,
    { cookieName, now }: StoreContext,
    format: RecordFormat<T>,
    keys: SideRowKeys = NO_KEYS,
  ) {
    this.#table = io;
    this.#cookieName = cookieName;
    this.#now = now;
    this.#format = format;
    this.#keys = keys;
  }

  read(id: string): Awaitable<T> {
    const key = this.#keyOf(id);
    return andThen(this.#table.get(key), (row) => this.#valueOf(this.#textOf(key, row)));
  }

  /** Changes a row, and gives its new value. */
  change(id: string, edit: Edit<T>): Promise<T> {
    const key = this.#keyOf(id);
    const edits = this.#edits.get(key);
    if (edits) edits.push(edit);
    else this.#edits.set(key, [edit]);
    return this.#writes.run(key, () => this.#write(key));
  }

  async #write(key: string): Promise<T> {
    const edits = this.#edits.get(key) ?? [];
    this.#edits.delete(key);
    const editAll = (value: T): T => edits.reduce((before, edit) => edit(before), value);
    const found = await this.#table.get(key);
    return this.#commits.run(key, found, (seen) => this.#try(key, seen, editAll));
  }

  #keyOf(id: string): string {
    return rowKey(this.#format.purpose, this.#cookieName, id, this.#keys.nameKey);
  }

  #textOf(key: string, row: SessionRow | undefined): string | undefined {
    if (!row) return undefined;
    const text = this.#keys.seal.open(key, row.value);
    if (text !== undefined) return text;
    throw new SessionError(
      "ERR_SESSION_STORE",
      "no secret of this store has sealed what the table holds beside the sessions; nothing was changed",
    );
  }

  #valueOf(text: string | undefined): T {
    return text === undefined ? this.#format.empty : this.#format.read(text);
  }

  async #try(
    key: string,
    seen: SessionRow | undefined,
    edit: Edit<T>,
  ): Promise<T | Conflict<SessionRow | undefined>> {
    const { prune, isEmpty, write, expiresAt } = this.#format;
    const before = this.#textOf(key, seen);
    const after = prune(edit(this.#valueOf(before)));
    if (!seen && isEmpty(after)) return after;
    const text = write(after);
    if (text === before) return after;
    const row = {
      value: this.#keys.seal.seal(key, text),
      version: newVersion(),
      expiresAt: Math.max(expiresAt(after), Math.ceil(this.#now()) + LONGEST_WAY),
      rank: 2,
    } as const;
    if (!seen) {
      return (await this.#table.insert(key, row)) === "done"
        ? after
        : new Conflict(await this.#table.get(key));
    }
    const result = await this.#table.replace(key, seen.version, row);
    if (result === "done") return after;
    return new Conflict(result === "gone" ? undefined : result.row);
  }
}
