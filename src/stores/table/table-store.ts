import { chain, rescue } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError, configError, describe } from "../../core/errors.ts";
import { publishSweepError } from "../../core/events.ts";
import type {
  Refused,
  Saved,
  SessionBackend,
  SessionChange,
  SessionRow,
  SessionStore,
  SessionTable,
  Stopped,
  StoreContext,
  StoredSession,
} from "../../core/store.ts";
import { EMPTY } from "../../core/data/values.ts";
import { newCredential, readCredential } from "../../crypto/token.ts";
import type { Credential } from "../../crypto/token.ts";
import { CompareAndSet } from "../table-access/compare-and-set.ts";
import { findTable } from "../../tables/named-tables.ts";
import { OpenedCookies } from "../opened-cookies.ts";
import { readRow, rightOf, toSessionRow } from "./row.ts";
import { SubjectIndex } from "./subject-index.ts";
import { DEFAULT_TIMEOUT, TableIo } from "../table-access/timed-table.ts";
import { TableSession } from "./session.ts";
import type { Opened, Shelf } from "./session.ts";

/** Seconds; a request would not wait longer anyway, and a timer's limit is far. */
const LONGEST_TIMEOUT = 3600;
/** Milliseconds between two sweeps that this process asks for. */
const SWEEP_INTERVAL = 60_000;
/** Characters of a row that is remembered: what is longer is read anew each time, and fills no memory. */
const REMEMBERED_ROW = 4096;
/** A fresh handle that is taken is a broken random source; more tries would not mend it. */
const INSERT_TRIES = 3;

/** Options of {@link tableStore}. */
export interface TableStoreOptions {
  /** A table, or the name of one that `createTable(name)` has made. */
  readonly table: SessionTable | string;
  /** Seconds that one call of the table may take. Default 2. */
  readonly timeout?: number | undefined;
}

/**
 * Keeps each session in a row of a table; the cookie holds only the handle and the secret that opens it.
 * @throws ERR_SESSION_CONFIG when the table does not exist or is none
 */
export function tableStore(options: TableStoreOptions): SessionStore {
  const table = findTable(options?.table);
  const { timeout = DEFAULT_TIMEOUT } = options;
  if (typeof timeout !== "number" || !(timeout > 0 && timeout <= LONGEST_TIMEOUT)) {
    throw configError(
      `timeout must be a number of seconds, ${LONGEST_TIMEOUT} at most, got ${describe(timeout)}`,
    );
  }
  return { setup: (context) => new TableBackend(table, timeout * 1000, context) };
}

class TableBackend implements SessionBackend, Shelf {
  readonly immediate: boolean;
  readonly context: StoreContext;
  readonly io: TableIo;
  /** Shared by all requests of the process, so that commits to one row queue. */
  readonly commits: CompareAndSet = new CompareAndSet();
  readonly subjects: SubjectIndex;
  readonly #table: SessionTable;
  /** Of the secret in force: what others may do changes with time. */
  readonly #opened = new OpenedCookies<Opened>();
  #sweptAt = 0;

  constructor(table: SessionTable, timeout: number, context: StoreContext) {
    this.#table = table;
    this.io = new TableIo(table, timeout, context.now);
    this.immediate = table.immediate === true;
    this.context = context;
    this.subjects = new SubjectIndex(this.io, context);
  }

  load(cookie: string): Awaitable<StoredSession | Refused> {
    const known = this.#opened.find(cookie);
    const credential = known?.credential ?? readCredential(this.context.key, cookie);
    if (!credential) return { refused: "malformed" };
    return chain(this.io.get(credential.handle), (row) => {
      if (!row) return { refused: "unknown", handle: credential.handle };
      if (known && isSame(known.row, row)) return new TableSession(this, known, "current");
      return this.#open(credential, cookie, row);
    });
  }

  create(change: SessionChange, tries = 1): Awaitable<Saved | Stopped> {
    const { handle, digest, cookie } = newCredential(this.context.key);
    const record = change.apply(undefined);
    const row = toSessionRow({ record, digest });
    this.#sweepSometimes();
    return this.subjects.follow(handle, undefined, record, () =>
      chain(this.io.insert(handle, row), (inserted) => {
        if (inserted) return { handle, cookie, record };
        if (tries < INSERT_TRIES) return this.create(change, tries + 1);
        throw new SessionError(
          "ERR_SESSION_STORE",
          `${INSERT_TRIES} fresh handles were taken; the table or the random source is broken`,
        );
      }),
    );
  }

  #open(credential: Credential, cookie: string, row: SessionRow): StoredSession | Refused {
    const { handle, digest } = credential;
    const content = readRow(row.value, row.expiresAt);
    if (!content) return { refused: "unknown-format", handle };
    const right = rightOf(content, digest, this.context.now());
    const opened = { credential, cookie, row, content, right };
    switch (right.access) {
      case "current":
        if (right.secret === "current" && row.value.length <= REMEMBERED_ROW) {
          this.#opened.remember(cookie, opened);
        }
        return new TableSession(this, opened, "current");
      case "retired":
        return new TableSession(this, opened, "retired", {
          ...content.record,
          data: right.data ?? EMPTY,
          flash: {},
        });
      case "none":
        return { refused: right.reason, handle };
    }
  }

  #sweepSometimes(): void {
    const now = this.context.now();
    const { key } = this.context;
    if (!this.#table.sweep || now - this.#sweptAt < SWEEP_INTERVAL) return;
    this.#sweptAt = now;
    // Nobody waits for it: `rescue` takes what could be thrown.
    void rescue<unknown>(
      () => this.#table.sweep?.(now),
      (error) => publishSweepError(key, error),
    );
  }
}

/** Whether a row still is what it was when its text was read. */
function isSame(a: SessionRow, b: SessionRow): boolean {
  return a.version === b.version && a.expiresAt === b.expiresAt && a.value === b.value;
}
