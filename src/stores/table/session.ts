import { chain } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import type { StopReason } from "../../core/events.ts";
import type {
  Saved,
  SessionChange,
  SessionRecord,
  SessionRow,
  Stopped,
  StoreContext,
  StoredSession,
} from "../../core/store.ts";
import { newCredential } from "../../crypto/token.ts";
import type { Credential } from "../../crypto/token.ts";
import { Conflict } from "../table-access/compare-and-set.ts";
import type { CompareAndSet } from "../table-access/compare-and-set.ts";
import { isRotationDue, renewRow, rotateRow } from "./token-rotation.ts";
import type { Rotated } from "./token-rotation.ts";
import { hasOutlivedGrace, readRow, rightOf, toSessionRow } from "./row.ts";
import type { Right, Row } from "./row.ts";
import type { SubjectIndex } from "./subject-index.ts";
import type { TableIo } from "../table-access/timed-table.ts";

/** How often a log-out asks for the row as it has just seen it. */
const DROP_TRIES = 5;

/** What all sessions of one store share. */
export interface Shelf {
  readonly context: StoreContext;
  readonly io: TableIo;
  readonly commits: CompareAndSet;
  readonly subjects: SubjectIndex;
  create(change: SessionChange): Awaitable<Saved | Stopped>;
}

/** A row as it was loaded, by the cookie that opened it. */
export interface Opened {
  readonly credential: Credential;
  readonly cookie: string;
  readonly row: SessionRow;
  readonly content: Row;
  readonly right: Right;
}

/** A session in a row of a table. Every write of it is a compare-and-set of that one row. */
export class TableSession implements StoredSession {
  readonly handle: string;
  readonly record: SessionRecord;
  readonly access: "current" | "retired";
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

  get refresh(): boolean {
    return isRotationDue(this.#opened.content, this.#opened.right, this.#shelf.context);
  }

  write(change: SessionChange): Awaitable<Saved | Stopped> {
    const { commits, context, subjects } = this.#shelf;
    const write = (): Awaitable<Saved | Stopped> =>
      commits.run(this.handle, this.#opened.row, (row) => this.#tryWrite(row, change));
    // A session that each request writes is never touched, but looked after as often.
    const isDue = context.now() + context.idle - this.record.expiresAt >= context.touchInterval;
    if (!isDue || this.access === "retired") return write();
    return chain(subjects.isListed(this.handle, this.record), (listed) =>
      listed ? write() : { stopped: "revoked" },
    );
  }

  touch(expiresAt: number, isGone: () => boolean): Awaitable<Saved | Stopped> {
    const { subjects } = this.#shelf;
    return chain(subjects.isListed(this.handle, this.record), (listed) =>
      listed ? this.#touch(expiresAt, isGone) : { stopped: "revoked" },
    );
  }

  drop(): Awaitable<"dropped" | Stopped> {
    return this.#tryDrop(this.#opened.row, 1);
  }

  #touch(expiresAt: number, isGone: () => boolean): Awaitable<Saved | Stopped> {
    const { handle, record } = this;
    const { context, io } = this.#shelf;
    const { credential, row, content, right } = this.#opened;
    const saved = { handle, record, cookie: undefined };
    if (hasOutlivedGrace(content, right, context.now())) return { stopped: "retired" };
    const rotated = rotateRow(credential, content, right, context, isGone);
    if (!rotated.rotation) {
      return chain(io.touch(handle, row.version, expiresAt), (result) =>
        result === "gone" ? { stopped: "gone" } : saved,
      );
    }
    const after = { ...rotated.row, record: { ...record, expiresAt } };
    return chain(io.replace(handle, row.version, toSessionRow(after)), (result) => {
      if (result === "gone") return { stopped: "gone" };
      if (result !== "done") return saved; // Dropped, as any touch that loses: a later request will do it.
      return { handle, record, cookie: rotated.cookie, rotation: rotated.rotation };
    });
  }

  #tryWrite(
    row: SessionRow,
    change: SessionChange,
  ): Awaitable<Saved | Stopped | Conflict<SessionRow>> {
    const { handle } = this;
    const { io, subjects } = this.#shelf;
    const before = this.#read(row);
    const right = before && this.#rightOn(row, before);
    const stop = this.#mayNotWrite(row, before, right);
    if (stop === "retired" && change.renew) return this.#startOver(change);
    if (stop || !before || !right) return { stopped: stop ?? "unknown-format" };

    const record = change.apply(before.record);
    const { row: after, cookie, rotation } = this.#rotated(before, record, right, change);
    const write = (): Awaitable<Saved | Stopped | Conflict<SessionRow>> =>
      chain(io.replace(handle, row.version, toSessionRow(after)), (result) => {
        if (result === "gone") return { stopped: "gone" };
        if (result !== "done") return new Conflict(result);
        return { handle, record, cookie, rotation };
      });
    return subjects.follow(handle, before.record, record, write);
  }

  /** The row to write, and the cookie that the browser should hold then. */
  #rotated(
    before: Row,
    record: SessionRecord,
    right: Right,
    { renew, isGone }: SessionChange,
  ): Rotated {
    const { context } = this.#shelf;
    const { credential, cookie } = this.#opened;
    if (renew) {
      const fresh = newCredential(context.key, this.handle);
      const row = renewRow(before, record, fresh, context);
      return { row, cookie: fresh.cookie, rotation: undefined };
    }
    const rotated = rotateRow(credential, { ...before, record }, right, context, isGone);
    // The former cookie must not take the place of the one that has arrived since.
    const former = right.access === "current" && right.secret === "former";
    return { ...rotated, cookie: rotated.cookie ?? (former ? undefined : cookie) };
  }

  /** A log-out does not queue behind writers, and does not give way to them. */
  #tryDrop(row: SessionRow, tries: number): Awaitable<"dropped" | Stopped> {
    const { context, io, subjects } = this.#shelf;
    const before = this.#read(row);
    if (!before) return { stopped: "unknown-format" };
    const subject = context.subjectOf(before.record.data);
    const right = this.#rightOn(row, before);
    if (right.access === "none") return { stopped: "retired" };
    if (right.access === "retired") {
      // Whoever renewed for another subject is somebody else's log-in; this secret does not end it.
      const { data } = right;
      if (!data || context.subjectOf(data) !== subject) return { stopped: "retired" };
    }
    // Writers that never pause would win for ever: the last try asks for no version.
    const version = tries < DROP_TRIES ? row.version : undefined;
    return chain(io.delete(this.handle, version), (result) => {
      if (typeof result !== "string") return this.#tryDrop(result, tries + 1);
      if (subject === undefined) return "dropped";
      return chain(subjects.leave(subject, this.handle), () => "dropped" as const);
    });
  }

  /** What keeps this request from writing the row as it is now. */
  #mayNotWrite(
    row: SessionRow,
    before: Row | undefined,
    right: Right | undefined,
  ): StopReason | undefined {
    const { subjectOf, fits, expiryOf, now } = this.#shelf.context;
    if (!before) return "unknown-format";
    if (row === this.#opened.row) {
      // What was loaded was judged when it was loaded, but a grace ends also for whoever is slow.
      const mayWrite = right?.access === "current" && !hasOutlivedGrace(before, right, now());
      return mayWrite ? undefined : "retired";
    }
    if (expiryOf(before.record) !== undefined) return "expired";
    if (right?.access !== "current") return "retired";
    if (!fits(before.record.data)) return "schema";
    if (subjectOf(before.record.data) !== subjectOf(this.record.data)) return "subject-changed";
    return undefined;
  }

  /**
   * This request asked for `renew`, and another one was faster. A double click on log-in starts a session
   * of its own, so that the browser is signed in whichever answer it keeps; a copy of somebody's session
   * would outlive that one's log-out, so with a subject loaded it is a conflict.
   */
  #startOver(change: SessionChange): Awaitable<Saved | Stopped> {
    if (this.#shelf.context.subjectOf(this.record.data) !== undefined) {
      throw new SessionError(
        "ERR_SESSION_CONFLICT",
        "another request has renewed this session; nothing was written",
      );
    }
    return this.#shelf.create({ ...change, apply: () => change.apply(this.record) });
  }

  #read(row: SessionRow): Row | undefined {
    return row === this.#opened.row ? this.#opened.content : readRow(row.value, row.expiresAt);
  }

  #rightOn(row: SessionRow, content: Row): Right {
    const { credential, row: loaded, right } = this.#opened;
    return row === loaded ? right : rightOf(content, credential.digest, this.#shelf.context.now());
  }
}
