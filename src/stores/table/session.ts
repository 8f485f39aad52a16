import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { publishEnd } from "../../core/events.ts";
import type { Share } from "../../core/load/share.ts";
import type {
  Dropped,
  Saved,
  SessionChange,
  SessionRecord,
  SessionRow,
  SessionTouch,
  Stopped,
  StoredSession,
} from "../../core/store.ts";
import { hasFullRights } from "../../core/token-status.ts";
import type { LiveStatus } from "../../core/token-status.ts";
import { idOfHandle } from "../../crypto/session-id.ts";
import { sameDigest } from "../../crypto/token.ts";
import { baseToStartOver } from "../start-over.ts";
import { Conflict } from "../table-access/compare-and-set.ts";
import type { Reader } from "../table-access/compare-and-set.ts";
import { deleteRow } from "../table-access/delete-row.ts";
import { wasMade } from "../table-access/replaced-versions.ts";
import { unknownOutcome } from "../table-access/timed-table.ts";
import type { Met } from "../table-access/timed-table.ts";
import { asRead } from "./row.ts";
import { findRow, maySend, rowOver, stopReason } from "./found-row.ts";
import type { FoundRow, NextRow } from "./found-row.ts";
import type { LoadedRow, Reading, TableStoreParts } from "./parts.ts";
import type { SubjectMove } from "./subject-index.ts";
import {
  changeTokens,
  endsUnpresented,
  hasOutlivedGrace,
  isRotationDue,
  renewedCookie,
  rotateRow,
} from "./token-rotation.ts";

/** What stands in the place of the session, or why the commit stops there. */
type Seen = FoundRow | Stopped;

type Written = Saved | Stopped | Conflict<Seen>;

/** A session in a row of a table. Every write is a compare-and-set of that one row. */
export class TableSession implements StoredSession, Reader<Seen> {
  readonly handle: string;
  readonly id: string;
  readonly record: SessionRecord;
  readonly status: LiveStatus;
  readonly readAt: number;
  readonly #store: TableStoreParts;
  readonly #loaded: LoadedRow;
  readonly #share: Share | undefined;

  /** @param record the record that the token reads */
  constructor(
    store: TableStoreParts,
    loaded: LoadedRow,
    { readAt, share }: Reading,
    record: SessionRecord = loaded.content.record,
  ) {
    this.#store = store;
    this.#loaded = loaded;
    this.readAt = readAt;
    this.#share = share;
    this.handle = loaded.token.handle;
    this.status = loaded.status;
    this.record = record;
    this.id = idOf(this.handle, record);
  }

  get refresh(): boolean {
    const { token, content, status } = this.#loaded;
    const hasNewCookie = token.renewedCookie !== undefined && status !== "previous";
    return hasNewCookie || isRotationDue(content, status, this.#store.context);
  }

  write(change: SessionChange): Awaitable<Saved | Stopped> {
    const { context, subjects } = this.#store;
    // A session that every request writes is never touched, so that a write must check at times whether it is listed.
    const { idle, touchInterval } = context.lifespans.of(this.record);
    const isDue = context.now() + idle - this.record.expiresAt >= touchInterval;
    if (!isDue || !hasFullRights(this.status)) return this.#write(change);
    return andThen(
      subjects.ensureListed(this.handle, this.record, change.loadedSubject),
      (listed) => (listed ? this.#write(change) : { stopped: "revoked" }),
    );
  }

  touch(touch: SessionTouch): Awaitable<Saved | Stopped> {
    const { subjects } = this.#store;
    return andThen(subjects.ensureListed(this.handle, this.record, touch.subject), (listed) =>
      listed ? this.#touch(touch) : { stopped: "revoked" },
    );
  }

  /** Ends the session. A log-out does not wait in the queue of the writers, and wins over them. */
  drop(subject: string | undefined): Awaitable<Dropped | Stopped> {
    const { table, subjects } = this.#store;
    let whose = subject;
    let endedId: string | undefined;
    const refusal = (row: SessionRow): Stopped | undefined => {
      const found = this.#find(row);
      if ("stopped" in found) return found;
      whose = this.#subjectOf(found, subject);
      endedId = idOf(this.handle, found.content.record);
      // The row of a "left-behind" token is the log-in of another subject by now, so that the token does not end it.
      return hasFullRights(found.status) || found.status === "read-only"
        ? undefined
        : { stopped: "retired" };
    };
    return andThen(
      deleteRow(table, this.handle, this.#loaded.row, refusal, this.#share),
      (result) => {
        if (typeof result === "object") return result;
        if (result === "gone") return { stopped: "gone" };
        if (whose === undefined) return { endedId };
        return andThen(subjects.removeEntries(whose, this.handle), () => ({ endedId }));
      },
    );
  }

  #touch(touch: SessionTouch): Awaitable<Saved | Stopped> {
    const { handle, record } = this;
    const { context, table } = this.#store;
    const { row, content, status } = this.#loaded;
    if (hasOutlivedGrace(content, status, context.now())) return { stopped: "retired" };
    if (this.refresh || touch.resend) {
      return this.#commit((found) => this.#tryRefresh(found, touch));
    }
    return andThen(table.touch(handle, row.version, touch.expiresAt, this.#share), (result) =>
      result === "gone" ? { stopped: "gone" } : { handle, record, cookie: undefined },
    );
  }

  /**
   * Touches, and makes the write that {@link refresh} or new attributes of the cookie ask for. Each request of a page
   * gets a next token of its own.
   */
  #tryRefresh(found: FoundRow, touch: SessionTouch): Awaitable<Written> {
    const { handle, record } = this;
    const { context, tokens } = this.#store;
    const { expiresAt, subject, isGone, resend, sentOptions } = touch;
    const stop = stopReason(found, context, subject, this.#subjectOf(found, subject));
    if (stop) return { stopped: stop };
    const { content, status } = found;
    if (!isGone() && endsUnpresented(content, status, context)) return this.#end(found, subject);
    const rotated = rotateRow(this.#loaded.token, content, status, context, tokens.draw, isGone);
    const mine = resend && status !== "previous" ? this.#loaded.cookie : undefined;
    const saved = {
      handle,
      record,
      cookie: renewedCookie(this.#loaded.token, status, isGone) ?? mine,
    };
    // What another request has written meanwhile has moved the deadline.
    if (!rotated.rotation && !found.isLoaded) return saved;
    const { rotation, cookie = saved.cookie } = rotated;
    const sent = cookie === undefined ? content.record : { ...content.record, sentOptions };
    const after = { ...rotated.row, record: { ...sent, expiresAt } };
    return this.#replace(found, rowOver(found, this.#store, handle, after, subject), {
      ...saved,
      cookie,
      rotation,
    });
  }

  /** Ends the session, whose next tokens were presented by nobody. */
  #end({ row, content }: FoundRow, subject: string | undefined): Awaitable<Written> {
    const { handle } = this;
    const { table, subjects, context } = this.#store;
    const endedId = idOf(handle, content.record);
    return andThen(table.delete(handle, row.version, this.#share), (result): Awaitable<Written> => {
      if (typeof result === "object") return new Conflict(this.#find(result));
      const stopped = { stopped: "gone" } as const;
      if (result === "gone") return stopped;
      publishEnd("drop", context.cookieName, { handle, endedId }, "unpresented");
      if (subject === undefined) return stopped;
      return andThen(subjects.removeEntries(subject, handle), () => stopped);
    });
  }

  #write(change: SessionChange): Awaitable<Saved | Stopped> {
    return this.#commit((found) => this.#tryWrite(found, change));
  }

  #commit(attempt: (found: FoundRow) => Awaitable<Written>): Awaitable<Saved | Stopped> {
    const tryNow = (seen: Seen): Awaitable<Written> => ("stopped" in seen ? seen : attempt(seen));
    const { commits, table } = this.#store;
    // Elsewhere a late try meets the conflict that tells it the row.
    const reader = table.mayResend ? this : undefined;
    return commits.run<Seen, Saved | Stopped>(
      this.handle,
      this.#loaded,
      tryNow,
      reader,
      this.#share,
    );
  }

  /** Reads the row again, for a commit that comes late. */
  read(): Awaitable<Seen> {
    return andThen(this.#store.table.get(this.handle, this.#share), (row) => this.#find(row));
  }

  #tryWrite(found: FoundRow, change: SessionChange): Awaitable<Written> {
    const { context } = this.#store;
    const subject = this.#subjectOf(found, change.loadedSubject);
    const stop = stopReason(found, context, change.loadedSubject, subject);
    if (stop === "retired" && change.renew) return this.#startOver(change);
    if (stop) return { stopped: stop };
    if (
      !change.renew &&
      !change.isGone() &&
      endsUnpresented(found.content, found.status, context)
    ) {
      return this.#end(found, subject);
    }

    const sends = change.renew || found.status !== "previous";
    const record = change.apply(found.content.record, sends);
    if (this.#store.mark.covers(record)) return { stopped: "revoked" };
    const {
      row: content,
      cookie,
      rotation,
    } = changeTokens(found, this.#store, this.#loaded, subject, record, change);
    const next = rowOver(found, this.#store, this.handle, content, record.subject);
    const endedId = change.renew ? idOf(this.handle, found.content.record) : undefined;
    const saved = { handle: this.handle, record, endedId, cookie, rotation };
    if (subject === record.subject) return this.#replace(found, next, saved);
    return this.#replaceAndList(found, next, saved, { handle: this.handle, from: subject, record });
  }

  #replace({ row }: FoundRow, next: NextRow, saved: Saved): Awaitable<Written> {
    const replacing = this.#store.table.replace(this.handle, row.version, next.row, this.#share);
    return andThen(replacing, (result): Written => {
      if (result === "gone") return { stopped: "gone" };
      if (result !== "done") return this.#judge(result, row.version, next.row.version, saved);
      this.#remember(next);
      return saved;
    });
  }

  /** Spares the browser's next request the reading of what was just written, if its token is still the current one. */
  #remember({ row, content }: NextRow): void {
    const { token, cookie, status } = this.#loaded;
    if (!sameDigest(content.digest, token.digest)) return;
    this.#store.remember({ token, cookie, row, content: asRead(content), status, isLoaded: true });
  }

  /** Judges a conflict. A client that sends again by itself may have met what was written over this very write. */
  #judge({ row, mayBeOver }: Met, expected: number, mine: number, saved: Saved): Written {
    const found = this.#find(row);
    if ("stopped" in found) return found;
    if (!mayBeOver) return new Conflict(found);
    const outcome = wasMade(found.content.replaced, mine, expected);
    if (outcome === "unknown") return unknownOutcome();
    if (outcome === "not made") return new Conflict(found);
    const { cookie } = saved;
    const sends = cookie !== undefined && maySend(this.#store, found, cookie);
    return sends ? saved : { ...saved, cookie: undefined };
  }

  /** Replaces a row, and adds it to the new subject's list before that, and removes it from the old one after that. */
  async #replaceAndList(
    found: FoundRow,
    next: NextRow,
    saved: Saved,
    move: SubjectMove,
  ): Promise<Written> {
    const { subjects } = this.#store;
    const stopped = await subjects.before(move);
    if (stopped) return { stopped };
    return subjects.after(move, await this.#replace(found, next, saved));
  }

  #startOver(change: SessionChange): Awaitable<Saved | Stopped> {
    const base = baseToStartOver(this.#store.context, change, this.record);
    return this.#store.create({ ...change, apply: () => change.apply(base) }, this.#share);
  }

  #find(row: SessionRow | undefined): Seen {
    return findRow(this.#store, this.#loaded, row);
  }

  /**
   * Gives the subject of a row. It is known for the row that was loaded, unless its token reads other data than the
   * row's.
   */
  #subjectOf(found: FoundRow, loadedSubject: string | undefined): string | undefined {
    const isKnown = found.isLoaded && this.record === found.content.record;
    return isKnown ? loadedSubject : this.#store.context.subjectOf(found.content.record.data);
  }
}

/** Gives the public id of a session. */
function idOf(handle: string, { id }: SessionRecord): string {
  return id ?? idOfHandle(handle);
}
