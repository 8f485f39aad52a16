/** The seam of the databases: a table keeps opaque rows for the table store. */
import type { Awaitable } from "./awaitable.ts";

/** One row of a table: opaque text, its version, and its deadline (milliseconds since the epoch). */
export interface SessionRow {
  /** The text of the row: well-formed, without U+0000, up to 1 MB. */
  readonly value: string;
  /** A random number below 2^53, drawn by the core for each write. */
  readonly version: number;
  readonly expiresAt: number;
  /**
   * What to clear away first where room is short: 0 for a session of nobody, 1 for one of somebody, 2 for lists and ends
   * of sessions. A table may ignore it, and need not give it back.
   */
  readonly rank?: 0 | 1 | 2;
}

/**
 * The interface to a database: a table of opaque rows by key. Keys are 1 to 64 base64url characters. A table has no
 * clock and never judges deadlines. `now` is the core's clock, for databases that remove dead rows by themselves after
 * a time that counts from now: they must remove a row five minutes after its deadline or later. Only `insert` writes a
 * row that is not there.
 */
export interface SessionTable {
  /** The longest value that the database takes, in bytes, if that is less than 1 MB. */
  readonly maxValue?: number | undefined;
  /**
   * `true` if rows end with the process, or to make room for others. `revocations` refuses such a table: a session that
   * was logged out would live again. What a database evicts is its own setting, and not said here.
   */
  readonly forgets?: boolean | undefined;
  /**
   * `true` if the database's client never sends a write again by itself. Then the answer to a write is the answer to its
   * only sending, and a conflict says that the write was not made.
   */
  readonly sendsOnce?: boolean | undefined;
  /** Gives the row as long as it is there, even if its deadline has passed. */
  get(key: string): Awaitable<SessionRow | undefined>;
  /**
   * Gives what `get` would give for each of the keys, each with its key, in any order. Absent if the database can do no
   * better than single reads. The keys are 100 at most, and none of them stands twice.
   */
  getMany?(
    keys: readonly string[],
  ): Awaitable<readonly (readonly [key: string, row: SessionRow | undefined])[]>;
  /**
   * Inserts a row. Gives `false`, and changes nothing, if the key is taken. A table that has room for no row of rank 0
   * may give `"full"` for one: the session is then not stored, and the request goes on without it.
   */
  insert(key: string, row: SessionRow, now: number): Awaitable<boolean | "full">;
  /** Replaces the row if its version is `version`. A conflict changes nothing and gives the current row. */
  replace(
    key: string,
    version: number,
    row: SessionRow,
    now: number,
  ): Awaitable<"done" | "gone" | SessionRow>;
  /** Moves the deadline later if the version is `version`, and keeps the version. Never moves it earlier. */
  touch(
    key: string,
    version: number,
    expiresAt: number,
    now: number,
  ): Awaitable<"done" | "gone" | "conflict">;
  /**
   * Removes the row: always, or only if its version is `version`. A conflict gives the current row. If the database's
   * client sends a command again by itself, an insert may arrive a second time after the row has ended. `delete` then
   * leaves a mark for 15 minutes, which `insert` meets and no other method shows.
   */
  delete(key: string, version?: number, now?: number): Awaitable<"done" | "gone" | SessionRow>;
  /** Removes dead rows in short slices, and gives their number. Absent if the database removes them itself. */
  sweep?(now: number): Awaitable<number>;
}
