import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { SessionRow, StoreContext } from "../../core/store.ts";
import { rowKey } from "../../crypto/row-key.ts";
import { newVersion } from "../../crypto/version.ts";
import { CompareAndSet, Conflict } from "./compare-and-set.ts";
import { Coalescer } from "./coalesce.ts";
import type { TimedTable } from "./timed-table.ts";

/** What a side row holds, and how. */
export interface RecordFormat<T> {
  /** What rows of this kind are keyed by, beside the cookie's name. */
  readonly purpose: Parameters<typeof rowKey>[0];
  /** What an absent row stands for. */
  readonly empty: T;
  /** Without what no longer matters. */
  readonly prune: (value: T) => T;
  /** `undefined` when there is nothing to keep. */
  readonly write: (value: T) => string | undefined;
  /** @throws for a row that another version of Sojourn has written: it must not be lost */
  readonly read: (text: string) => T;
  /** From when on the row may be cleared away. */
  readonly expiresAt: (value: T) => number;
}

/** Pure, and may run again. */
type Edit<T> = (value: T) => T;

/**
 * Rows beside those of the sessions, in the same table and by the same five methods: every table has them, and every
 * change of one is a compare-and-set. Changes of one row that meet in a process are made together, so that a crowd
 * that signs in as one user does not stand in its own way.
 */
export class SideRecords<T> {
  readonly #table: TimedTable;
  readonly #cookieName: string;
  readonly #format: RecordFormat<T>;
  readonly #commits = new CompareAndSet();
  readonly #writes = new Coalescer<T>();
  /** By key: what the next write is to make. */
  readonly #edits = new Map<string, Edit<T>[]>();

  constructor(io: TimedTable, { cookieName }: StoreContext, format: RecordFormat<T>) {
    this.#table = io;
    this.#cookieName = cookieName;
    this.#format = format;
  }

  read(id: string): Awaitable<T> {
    return andThen(this.#table.get(this.#keyOf(id)), (row) => this.#valueOf(row));
  }

  /** Changes a row. Gives what it holds then. */
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
    const row = { value, version: newVersion(), expiresAt: expiresAt(after) };
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
