import type { Asked } from "../../core/load/asked.ts";
import type { Share } from "../../core/load/share.ts";
import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { EMPTY } from "../../core/data/values.ts";
import { SessionError } from "../../core/errors.ts";
import type {
  Adopted,
  Adoptee,
  ChangedRecord,
  FoundSession,
  Refused,
  Saved,
  SessionBackend,
  SessionChange,
  SessionRow,
  SessionTable,
  Stopped,
  StoreContext,
  StoredSession,
} from "../../core/store.ts";
import { hasFullRights, isLive } from "../../core/token-status.ts";
import { newPublicId } from "../../core/subject/public-id.ts";
import { Sealer } from "../../crypto/sealer.ts";
import type { FreshToken } from "../../crypto/token.ts";
import { BoundedMap } from "../../core/bounded-map.ts";
import { AdoptKeys } from "../adopt/adopt-keys.ts";
import { Opened } from "../opened.ts";
import { AdoptionMarks } from "../adopt/adoption-marks.ts";
import { CompareAndSet } from "../table-access/compare-and-set.ts";
import { RevokedBefore, beforeFormat } from "../table-access/revoked-before.ts";
import { SealedRows, UNSEALED } from "../table-access/row-seal.ts";
import type { RowSeal } from "../table-access/row-seal.ts";
import { ManyRows } from "../table-access/many-rows.ts";
import { Sweeps } from "../table-access/sweeps.ts";
import { TimedTable } from "../table-access/timed-table.ts";
import { AdoptedAlone } from "../adopt/adopted-alone.ts";
import { AdoptedRows } from "../adopt/adopted-rows.ts";
import type { LoadedRow, Reading, TableStoreParts } from "./parts.ts";
import type { Protection } from "./protection.ts";
import { RowCodec } from "./row-codec.ts";
import { readRow } from "./row.ts";
import { TableSession } from "./session.ts";
import { SideRowNames } from "./side-row-names.ts";
import { ListedRows } from "./listed-rows.ts";
import { SubjectIndex } from "./subject-index.ts";
import { SubjectRows } from "./subject-rows.ts";
import { tokenStatus } from "./token-status.ts";
import { Tokens } from "./tokens.ts";
import type { ReadToken } from "./tokens.ts";

/** The most rows that are remembered by their cookies. */
const REMEMBERED_ROWS = 500;
/**
 * The longest row that is remembered, in characters. A longer one is read anew each time, so that it fills no memory.
 */
const LONGEST_REMEMBERED = 4096;
/**
 * The tries for a new handle. If that is taken, the random source is broken; if answers are lost, the table is not well.
 * More tries would not help.
 */
const INSERT_TRIES = 3;

/** The store whose sessions are rows of a table. */
export class TableBackend implements SessionBackend, TableStoreParts {
  readonly context: StoreContext;
  readonly table: TimedTable;
  /** The queue of commits. All requests of the process share it, so that commits to one row wait for each other. */
  readonly commits: CompareAndSet = new CompareAndSet();
  readonly subjects: SubjectIndex;
  readonly tokens: Tokens;
  readonly codec: RowCodec;
  readonly mark: RevokedBefore;
  readonly timeout: number;
  readonly isForged: ((cookie: string) => boolean) | undefined;
  readonly #sweeps: Sweeps;
  readonly #adopted: AdoptedRows | undefined;
  /** Rows by the cookie of their current token, so that a browser's next request need not read the same text again. */
  readonly #remembered = new BoundedMap<LoadedRow>(REMEMBERED_ROWS);

  /** @param timeout milliseconds for one request, load and commit together */
  constructor(
    table: SessionTable,
    timeout: number,
    context: StoreContext,
    protection: Protection | undefined,
  ) {
    this.#sweeps = new Sweeps(table, context);
    this.table = new TimedTable(table, timeout, context);
    this.timeout = timeout;
    this.context = context;
    this.tokens = new Tokens(context, protection);
    this.codec = new RowCodec(sealOf(context, protection), table.maxValue);
    this.isForged = protection && ((cookie) => "refused" in this.tokens.read(cookie));
    const subjectRows = new SubjectRows(this.table, context, protection);
    const many = new ManyRows(table, this.table);
    // Every process must be able to read the mark, or it would refuse every session.
    const marks = new SideRowNames(this.table, context, protection, beforeFormat(context), true);
    this.mark = new RevokedBefore(marks.all, context);
    const listed = new ListedRows(this.table, many, context, this.codec, this.mark);
    this.subjects = new SubjectIndex(context, subjectRows, listed);
    this.#adopted = this.#adopts(context);
  }

  find(cookie: string, asked?: Asked, share?: Share): Awaitable<FoundSession> {
    const known = this.#remembered.get(cookie);
    const token = known?.token ?? this.tokens.read(cookie);
    if ("refused" in token) return new Opened(token);
    const { handle } = token;
    const asking = asked
      ? // A log-out still ends what the other cookies have opened.
        asked.once(handle, () => this.table.get(handle, share, true))
      : this.table.get(handle, share);
    const marking = this.mark.refresh();
    const finding = (row: SessionRow | undefined): FoundSession => {
      if (!row) return new Opened({ refused: "unknown", handle });
      // Not when it was asked: a table that is far away would be asked twice by each write.
      const readAt = performance.now();
      if (known && isSame(known.row, row)) {
        return new Opened(this.#openKnown(known, { readAt, share }));
      }
      return { open: (at) => this.#open(token, cookie, row, { at, readAt, share }) };
    };
    // Both questions are sent before the answer to either is awaited.
    return marking
      ? Promise.all([asking, marking]).then(([row]) => finding(row))
      : andThen(asking, finding);
  }

  async adopt({ unique, ...adoptee }: Adoptee, share?: Share): Promise<Adopted | undefined> {
    if (unique !== undefined) return this.#adopted?.adopt({ ...adoptee, unique }, share);
    const record = await adoptee.make();
    if (!record) return undefined;
    await this.mark.refresh();
    if (this.mark.covers(record) || (await this.subjects.refusal(record, []))) return undefined;
    const { id = newPublicId() } = record;
    const token = this.tokens.draw();
    const session = new AdoptedAlone(token.handle, { ...record, id }, (change) =>
      this.#create(change, share, token),
    );
    return { found: new Opened(session), cookie: "", isNew: true };
  }

  async forget(unique: string): Promise<FoundSession | undefined> {
    return this.#adopted?.forget(unique);
  }

  #adopts(context: StoreContext): AdoptedRows | undefined {
    const { adopt, cookieName } = context;
    if (!adopt) return undefined;
    const keys = new AdoptKeys(adopt, cookieName);
    const marks = new AdoptionMarks(this.table, context, adopt, keys.nameKey);
    return new AdoptedRows(this, keys, marks, (cookie, share) =>
      this.find(cookie, undefined, share),
    );
  }

  revokeBefore(time: number): Promise<void> {
    return this.mark.raise(time);
  }

  create(change: SessionChange, share?: Share): Awaitable<Saved | Stopped> {
    return this.#create(change, share, this.tokens.draw());
  }

  #create(
    change: SessionChange,
    share: Share | undefined,
    token: FreshToken,
    tries = 1,
  ): Awaitable<Saved | Stopped> {
    const record = change.apply(undefined);
    if (this.mark.covers(record)) return { stopped: "revoked" };
    const row = this.codec.write(token.handle, { record, digest: token.digest }, record.subject);
    const saved = { handle: token.handle, cookie: token.cookie, record };
    this.#sweeps.sometimes();
    const creating: Awaitable<Saved | Stopped | undefined> =
      record.subject === undefined
        ? this.#insert(row, saved, share)
        : this.#insertAndList(row, saved, record, share);
    return andThen(creating, (result) => {
      if (result) return result;
      if (tries < INSERT_TRIES) {
        return this.#create(change, share, this.tokens.draw(), tries + 1);
      }
      throw new SessionError(
        "ERR_SESSION_STORE",
        `${INSERT_TRIES} new handles were taken, or the answers were lost; the table or the random source is broken`,
      );
    });
  }

  /**
   * Inserts a row. Gives `undefined` if the handle is taken, or if the answer was lost and no row is there: the row may
   * still arrive, and then nobody has its token.
   */
  #insert(
    row: SessionRow,
    saved: Saved,
    share: Share | undefined,
  ): Awaitable<Saved | Stopped | undefined> {
    return andThen(this.table.insert(saved.handle, row, share), (result) => {
      if (result === "full") return { stopped: "full" };
      return result === "done" ? saved : undefined;
    });
  }

  /** Inserts a row after its entry in the subject's list, so that every living session is listed. */
  async #insertAndList(
    row: SessionRow,
    saved: Saved,
    record: ChangedRecord,
    share: Share | undefined,
  ): Promise<Saved | Stopped | undefined> {
    const move = { handle: saved.handle, from: undefined, record };
    const stopped = await this.subjects.before(move);
    if (stopped) return { stopped };
    let inserted: Saved | Stopped | undefined;
    try {
      inserted = await this.#insert(row, saved, share);
    } catch (error) {
      // The row may be there or still arrive, and the list must not name a session that no browser has.
      await this.subjects.after(move, undefined);
      throw error;
    }
    return this.subjects.after(move, inserted);
  }

  /** @param at the time of the read by the application's clock, for deadlines; `readAt` measures how long ago it was */
  #open(
    token: ReadToken,
    cookie: string,
    row: SessionRow,
    { at, ...reading }: Reading & { readonly at: number },
  ): StoredSession | Refused {
    const { handle, digest } = token;
    const text = this.codec.seal.open(handle, row.value);
    if (text === undefined) return { refused: "forged", handle };
    const read = readRow(text, row.expiresAt);
    if (!read) return { refused: "unknown-format", handle };
    const content = this.tokens.recognize(read, token, cookie);
    const status = tokenStatus(content, digest, at, this.context.subjectOf);
    if (status === "superseded") return { refused: "retired", handle };
    if (!isLive(status)) return { refused: "unknown-token", handle };
    const loaded = { token, cookie, row, content, status, isLoaded: true } as const;
    this.remember(loaded);
    if (hasFullRights(status)) return this.#openKnown(loaded, reading);
    const { record, retired } = content;
    const { id, data = EMPTY, signedInAt = record.signedInAt } = retired ?? {};
    if (this.mark.covers(record)) return { refused: "revoked", handle };
    // A token from before the last sign-in has no part in it, also where the session itself goes on.
    const mine = {
      ...record,
      signedInAt,
      subjectSince: status === "read-only" ? record.subjectSince : undefined,
    };
    if (this.mark.covers(mine)) return { refused: "retired", handle };
    const seen = { ...record, id, data, signedInAt, flash: {} };
    return new TableSession(this, loaded, reading, seen);
  }

  /** Opens a row for a token that may do everything. */
  #openKnown(loaded: LoadedRow, reading: Reading): StoredSession | Refused {
    return this.mark.covers(loaded.content.record)
      ? { refused: "revoked", handle: loaded.token.handle }
      : new TableSession(this, loaded, reading);
  }

  /** What may be judged otherwise later is not remembered: other tokens than the one in force, and what is not sealed. */
  remember(loaded: LoadedRow): void {
    const { token, cookie, row, status } = loaded;
    if (status !== "current" || row.value.length > LONGEST_REMEMBERED) return;
    if (token.renewedCookie !== undefined || !this.codec.seal.isCurrent(row.value)) return;
    this.#remembered.set(cookie, loaded);
  }
}

function sealOf({ cookieName, now }: StoreContext, protection: Protection | undefined): RowSeal {
  if (!protection) return UNSEALED;
  const { keyring, seals, unsealedUntil } = protection;
  const acceptsUnsealed = (): boolean => now() < unsealedUntil;
  return new SealedRows(new Sealer(keyring), cookieName, acceptsUnsealed, seals);
}

/** Whether a row is still the same as when its text was read. */
function isSame(a: SessionRow, b: SessionRow): boolean {
  return a.version === b.version && a.expiresAt === b.expiresAt && a.value === b.value;
}
