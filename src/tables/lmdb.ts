import { configError, describe, refuseUnknownOptions } from "../core/errors.ts";
import type { SessionRow, SessionTable } from "../core/store.ts";
import { judged } from "./_database-error.ts";
import { singleRun } from "./_single-run.ts";
import { FewAtOnce } from "./lmdb/few-at-once.ts";
import { openDatabase } from "./lmdb/open.ts";
import type { Deadline, OpenDatabase } from "./lmdb/open.ts";
import { isRefusal } from "./lmdb/refusals.ts";
import { revisionOf, touched, versionOf } from "./lmdb/revision.ts";

/** Options of {@link lmdbTable}. */
export interface LmdbTableOptions {
  /** The folder of the database, on a local disk. If it does not exist, it is made, for this user alone. */
  readonly path: string | undefined;
  /** The name of the table, for several tables in one folder. Default `"sessions"`. */
  readonly name?: string | undefined;
}

/** A table in an LMDB database. Reads answer at once. */
export interface LmdbTable extends SessionTable {
  get(key: string): SessionRow | undefined;
  /** Waits for the writes under way, then closes the database for this table. */
  close(): Promise<void>;
}

/** The most rows that one step of a sweep removes, in one transaction. */
const BATCH = 100;
/** A text that sorts after every key. */
const LAST_KEY = "~";

/**
 * Makes a table in an LMDB database. The database is embedded, survives restarts, and is shared by the processes and
 * worker threads of one machine. Reads take no lock and always see the last commit. A write is done when it has reached
 * the disk.
 * @throws ERR_SESSION_CONFIG if the package `lmdb` is missing or the path cannot be opened
 * @example
 * ```ts
 * import { tableStore } from "sojourn";
 * import { lmdbTable } from "sojourn/lmdb";
 *
 * const store = tableStore({ table: lmdbTable({ path: "./data" }) });
 * ```
 */
export function lmdbTable(options: LmdbTableOptions): LmdbTable {
  const { path, name = "sessions", ...others }: Partial<LmdbTableOptions> = options ?? {};
  refuseUnknownOptions("lmdbTable", others, ["path", "name"]);
  // Without a path, lmdb would open a database that is deleted when it is closed.
  if (typeof path !== "string" || path === "") {
    throw configError(
      `path must be the folder of the database, such as "./data", got ${describe(path)}`,
    );
  }
  if (typeof name !== "string" || name === "") {
    throw configError(`name must be the table's name, got ${describe(name)}`);
  }
  return new Lmdb(openDatabase(path, name));
}

type Rows = OpenDatabase["rows"];

interface Found {
  readonly row: SessionRow;
  /** The number that LMDB compares. It names this state of the row. */
  readonly revision: number;
}

/**
 * Every write reads the row, then asks LMDB to write on condition that the row is still in that state. LMDB does so in
 * a thread of its own, so that no blocked event loop can hold the one write lock of the database.
 */
class Lmdb implements LmdbTable {
  readonly sendsOnce = true;
  readonly #opened: OpenDatabase;
  readonly #writes = new FewAtOnce();
  readonly #sweep = singleRun((now: number) => this.#sweepInBatches(now));
  #closing: Promise<void> | undefined;

  constructor(opened: OpenDatabase) {
    this.#opened = opened;
  }

  get(key: string): SessionRow | undefined {
    return this.#find(key)?.row;
  }

  async insert(key: string, row: SessionRow): Promise<boolean> {
    return this.#commit((rows) =>
      rows.ifNoExists(key, () => this.#put(key, row, revisionOf(row.version), undefined)),
    );
  }

  async replace(
    key: string,
    version: number,
    row: SessionRow,
  ): Promise<"done" | "gone" | SessionRow> {
    for (;;) {
      const found = this.#find(key);
      if (!found) return "gone";
      if (found.row.version !== version) return found.row;
      if (await this.#write(key, found, row, revisionOf(row.version))) return "done";
    }
  }

  async touch(
    key: string,
    version: number,
    expiresAt: number,
  ): Promise<"done" | "gone" | "conflict"> {
    for (;;) {
      const found = this.#find(key);
      if (!found) return "gone";
      if (found.row.version !== version) return "conflict";
      if (found.row.expiresAt >= expiresAt) return "done";
      const row = { ...found.row, expiresAt };
      if (await this.#write(key, found, row, touched(found.revision))) return "done";
    }
  }

  async delete(key: string, version?: number): Promise<"done" | "gone" | SessionRow> {
    for (;;) {
      const found = this.#find(key);
      if (!found) return "gone";
      if (version !== undefined && found.row.version !== version) return found.row;
      if (await this.#remove(key, found)) return "done";
    }
  }

  /** Removes dead rows in batches, and lets other work run between them. One sweep runs at a time. */
  sweep(now: number): Promise<number> {
    return this.#sweep(now);
  }

  close(): Promise<void> {
    this.#closing ??= this.#writes.idle().then(() => this.#opened.root.close());
    return this.#closing;
  }

  get #rows(): Rows {
    // A write to a database that lmdb has closed would end the process.
    if (this.#closing) throw new Error("the LMDB table is closed");
    return this.#opened.rows;
  }

  async #sweepInBatches(now: number): Promise<number> {
    const end: Deadline = [now, LAST_KEY];
    let start: Deadline | undefined;
    let swept = 0;
    do {
      this.#rows.resetReadTxn();
      const range = start ? { start, exclusiveStart: true, end } : { end };
      const due = [...this.#rows.getKeys({ ...range, limit: BATCH })] as Deadline[];
      const removed = await Promise.all(
        due.map(async ([expiresAt, key]) => {
          const found = this.#find(key);
          return found?.row.expiresAt === expiresAt && this.#remove(key, found);
        }),
      );
      swept += removed.filter(Boolean).length;
      start = due.length < BATCH ? undefined : due.at(-1);
    } while (start);
    return swept;
  }

  #find(key: string): Found | undefined {
    // A read transaction lives until the end of the turn, and another process may have committed since it began.
    this.#rows.resetReadTxn();
    const entry = this.#rows.getEntry(key);
    if (entry?.version === undefined) return undefined;
    const { value: text, version: revision } = entry;
    const space = text.indexOf(" ");
    const expiresAt = Number(text.slice(0, space));
    return {
      row: { value: text.slice(space + 1), version: versionOf(revision), expiresAt },
      revision,
    };
  }

  #write(key: string, found: Found, row: SessionRow, revision: number): Promise<boolean> {
    return this.#commit((rows) =>
      rows.ifVersion(key, found.revision, () => this.#put(key, row, revision, found.row.expiresAt)),
    );
  }

  #remove(key: string, { row, revision }: Found): Promise<boolean> {
    return this.#commit((rows) =>
      rows.ifVersion(key, revision, () => {
        void rows.remove(key);
        void rows.remove([row.expiresAt, key]);
      }),
    );
  }

  /** Makes a write in its turn. A table that is closed meanwhile still makes those that wait. */
  #commit(write: (rows: Rows) => Promise<boolean>): Promise<boolean> {
    const rows = this.#rows;
    return this.#writes.run(() => committed(write(rows)));
  }

  /** Writes the row and its deadline. The caller does so under one condition, so that LMDB commits both together. */
  #put(key: string, row: SessionRow, revision: number, before: number | undefined): void {
    const { rows } = this.#opened;
    void rows.put(key, `${row.expiresAt} ${row.value}`, revision);
    if (before === row.expiresAt) return;
    if (before !== undefined) void rows.remove([before, key]);
    void rows.put([row.expiresAt, key], "", 0);
  }
}

/** Gives whether the condition held. If the commit fails, lmdb gives the reason in a second promise. */
async function committed(writing: Promise<boolean>): Promise<boolean> {
  try {
    return await writing;
  } catch (error) {
    throw judged(await reasonOf(error), isRefusal);
  }
}

async function reasonOf(error: unknown): Promise<unknown> {
  try {
    await (error as { readonly commitError?: Promise<never> }).commitError;
    return error;
  } catch (reason) {
    return reason;
  }
}
