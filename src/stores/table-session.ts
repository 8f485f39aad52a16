import { chain } from "../core/awaitable.ts";
import type { Awaitable } from "../core/awaitable.ts";
import { SessionError } from "../core/errors.ts";
import type { StopReason } from "../core/events.ts";
import type {
  Saved,
  SessionChange,
  SessionRecord,
  SessionRow,
  Stopped,
  StoreContext,
  StoredSession,
} from "../core/store.ts";
import { newCredential } from "../crypto/credential.ts";
import type { Credential } from "../crypto/credential.ts";
import { Conflict } from "./compare-and-set.ts";
import type { CompareAndSet } from "./compare-and-set.ts";
import { readRow, renewRow, rightOf, toSessionRow } from "./row.ts";
import type { Row } from "./row.ts";
import type { TableIo } from "./table-io.ts";

/** How often a log-out asks for the row as it has just seen it. */
const DROP_TRIES = 5;

/** What all sessions of one store share. */
export interface Shelf {
  readonly context: StoreContext;
  readonly io: TableIo;
  readonly commits: CompareAndSet;
  create(change: SessionChange): Awaitable<Saved>;
}

/** A row as it was loaded, by the cookie that opened it. */
export interface Opened {
  readonly credential: Credential;
  readonly cookie: string;
  readonly row: SessionRow;
  readonly content: Row;
}

/** A session in a row of a table. Every write of it is a compare-and-set of that one row. */
export class TableSession implements StoredSession {
  readonly handle: string;
  readonly record: SessionRecord;
  readonly access: "current" | "retired";
  readonly refresh = false;
  readonly #shelf: Shelf;
  readonly #opened: Opened;

  constructor(
    shelf: Shelf,
    opened: Opened,
    access: "current" | "retired",
    record: SessionRecord = opened.content.record,
  ) {
    this.#shelf = shelf;
    this.#opened = opened;
    this.handle = opened.credential.handle;
    this.access = access;
    this.record = record;
  }

  write(change: SessionChange): Awaitable<Saved | Stopped> {
    return this.#shelf.commits.run(this.handle, this.#opened.row, (row) =>
      this.#tryWrite(row, change),
    );
  }

  touch(expiresAt: number): Awaitable<Saved | Stopped> {
    const { handle, record } = this;
    return chain(this.#shelf.io.touch(handle, this.#opened.row.version, expiresAt), (result) =>
      result === "gone" ? { stopped: "gone" } : { handle, record, cookie: undefined },
    );
  }

  drop(): Awaitable<"dropped" | Stopped> {
    return this.#tryDrop(this.#opened.row, 1);
  }

  #tryWrite(
    row: SessionRow,
    change: SessionChange,
  ): Awaitable<Saved | Stopped | Conflict<SessionRow>> {
    const { handle } = this;
    const { context, io } = this.#shelf;
    const before = this.#read(row);
    const stop = this.#mayNotWrite(row, before);
    if (stop === "retired" && change.renew) return this.#startOver(change);
    if (stop || !before) return { stopped: stop ?? "unknown-format" };

    const record = change.apply(before.record);
    const fresh = change.renew ? newCredential(context.key, handle) : undefined;
    const after = fresh ? this.#renewed(before, record, fresh) : { ...before, record };
    return chain(io.replace(handle, row.version, toSessionRow(after)), (result) => {
      if (result === "gone") return { stopped: "gone" };
      if (result !== "done") return new Conflict(result);
      return { handle, record, cookie: fresh?.cookie ?? this.#opened.cookie };
    });
  }

  /** A log-out does not queue behind writers, and does not give way to them. */
  #tryDrop(row: SessionRow, tries: number): Awaitable<"dropped" | Stopped> {
    const { context, io } = this.#shelf;
    const before = this.#read(row);
    if (!before) return { stopped: "unknown-format" };
    const right = rightOf(before, this.#opened.credential.digest, context.now());
    if (right.access === "none") return { stopped: "retired" };
    if (right.access === "retired") {
      // Whoever renewed for another subject is somebody else's log-in; this secret does not end it.
      const { data } = right;
      const subject = context.subjectOf(before.record.data);
      if (!data || context.subjectOf(data) !== subject) return { stopped: "retired" };
    }
    // Writers that never pause would win for ever: the last try asks for no version.
    const version = tries < DROP_TRIES ? row.version : undefined;
    return chain(io.delete(this.handle, version), (result) =>
      typeof result === "string" ? "dropped" : this.#tryDrop(result, tries + 1),
    );
  }

  /** What keeps this request from writing the row as it is now. */
  #mayNotWrite(row: SessionRow, before: Row | undefined): StopReason | undefined {
    // What was loaded was judged when it was loaded.
    if (row === this.#opened.row) return this.access === "retired" ? "retired" : undefined;
    const { now, subjectOf, fits, isOver } = this.#shelf.context;
    if (!before) return "unknown-format";
    if (isOver(before.record)) return "expired";
    if (rightOf(before, this.#opened.credential.digest, now()).access !== "current")
      return "retired";
    if (!fits(before.record.data)) return "schema";
    if (subjectOf(before.record.data) !== subjectOf(this.record.data)) return "subject-changed";
    return undefined;
  }

  /**
   * This request asked for `renew`, and another one was faster. A double click on log-in starts a session
   * of its own, so that the browser is signed in whichever answer it keeps; a copy of somebody's session
   * would outlive that one's log-out, so with a subject loaded it is a conflict.
   */
  #startOver(change: SessionChange): Awaitable<Saved> {
    if (this.#shelf.context.subjectOf(this.record.data) !== undefined) {
      throw new SessionError(
        "ERR_SESSION_CONFLICT",
        "another request has renewed this session; nothing was written",
      );
    }
    const { renew } = change;
    return this.#shelf.create({ renew, apply: () => change.apply(this.record) });
  }

  #renewed(before: Row, record: SessionRecord, { digest }: Credential): Row {
    const { now, renewGrace, subjectOf } = this.#shelf.context;
    const subject = subjectOf(before.record.data);
    const keepsData = subject === undefined || subject === subjectOf(record.data);
    return renewRow(before, record, digest.toString("base64url"), {
      until: now() + renewGrace,
      keepsData,
    });
  }

  #read(row: SessionRow): Row | undefined {
    return row === this.#opened.row ? this.#opened.content : readRow(row.value, row.expiresAt);
  }
}
