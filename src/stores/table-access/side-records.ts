import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { SessionRow, StoreContext } from "../../core/store.ts";
import { rowKey } from "../../crypto/row-key.ts";
import { newVersion } from "../../crypto/version.ts";
import { CompareAndSet, Conflict } from "./compare-and-set.ts";
import { Coalescer } from "./coalesce.ts";
import type { TimedTable } from "./timed-table.ts";

/** The content of one kind of side row, and its format. */
export interface RecordFormat<T> {
  /** The part of the rows' keys that names their kind, beside the cookie's name. */
  readonly purpose: Parameters<typeof rowKey>[0];
  /** The value that an absent row stands for. */
  readonly empty: T;
  /** Gives the value without the parts that no longer matter. */
  readonly prune: (value: T) => T;
  /** Writes the value as text; `undefined` if there is nothing to keep. */
  readonly write: (value: T) => string | undefined;
  /** Reads the text. @throws if another version of Sojourn has written it, because its content must not be lost */
  readonly read: (text: string) => T;
  /** Gives the time from which on the row may be removed. */
  readonly expiresAt: (value: T) => number;
}

/** A change of the value. It is pure, because it may run again. */
type Edit<T> = (value: T) => T;

/**
 * Side rows: rows beside those of the sessions, in the same table and by the same five methods, which every table has.
 * Every change of one is a compare-and-set. Changes of one row that meet in a process are written together, so that
 * many log-ins of one user at once cause no conflicts among themselves.
 */
export class SideRecords<T> {
  readonly #table: TimedTable;
  readonly #cookieName: string;
  readonly #format: RecordFormat<T>;
  readonly #commits = new CompareAndSet();
  readonly #writes = new Coalescer<T>();
  /** The changes that wait for the next write, by key. */
  readonly #edits = new Map<string, Edit<T>[]>();

  constructor(io: TimedTable, { cookieName }: StoreContext, format: RecordFormat<T>) {
    this.#table = io;
    this.#cookieName = cookieName;
    this.#format = format;
  }

  read(id: string): Awaitable<T> {
    return andThen(this.#table.get(this.#keyOf(id)), (row) => this.#valueOf(row));
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
    return rowKey(this.#format.purpose, this.#cookieName, id);
  }

  #valueOf(row: SessionRow | undefined): T {
    return row ? this.#format.read(row.value) : this.#format.empty;
  }

  async #try(
    key: string,
    seen: SessionRow | undefined,
    edit: Edit<T>,
  ): Promise<T | Conflict<SessionRow | undefined>> {
    const { prune, write, expiresAt } = this.#format;
    const after = prune(edit(this.#valueOf(seen)));
    const value = write(after);
    if (value === seen?.value) return after;
    if (value === undefined) return (await this.#remove(key, seen)) ?? after;
    const row = { value, version: newVersion(), expiresAt: expiresAt(after), rank: 2 } as const;
    if (!seen) {
      return (await this.#table.insert(key, row))
        ? after
        : new Conflict(await this.#table.get(key));
    }
    const result = await this.#table.replace(key, seen.version, row);
    if (result === "done") return after;
    return new Conflict(result === "gone" ? undefined : result);
  }

  async #remove(
    key: string,
    seen: SessionRow | undefined,
  ): Promise<Conflict<SessionRow | undefined> | undefined> {
    const result = await this.#table.delete(key, seen?.version);
    return typeof result === "string" ? undefined : new Conflict(result);
  }
}
