import type { SessionRow, SessionRecord, ListedSession, StoreContext } from "../../core/store.ts";
import { publishEnd } from "../../core/events.ts";
import type { Revocation } from "../../core/events.ts";
import { idOfHandle } from "../../crypto/session-id.ts";
import type { RevokedBefore } from "../table-access/revoked-before.ts";
import { deleteRow } from "../table-access/delete-row.ts";
import type { ManyRows } from "../table-access/many-rows.ts";
import type { Entry } from "../table-access/subject-record.ts";
import type { TimedTable } from "../table-access/timed-table.ts";
import type { RowCodec } from "./row-codec.ts";

/** The most milliseconds between a session's entry and its row: far more than a commit takes. */
const UNDER_WAY = 60_000;

const NOT_THEIRS = {} as const;

/** The rows of the sessions in a list. */
export class ListedRows {
  readonly #table: TimedTable;
  readonly #many: ManyRows;
  readonly #context: StoreContext;
  readonly #codec: RowCodec;
  readonly #mark: RevokedBefore;

  constructor(
    table: TimedTable,
    many: ManyRows,
    context: StoreContext,
    codec: RowCodec,
    mark: RevokedBefore,
  ) {
    this.#table = table;
    this.#many = many;
    this.#context = context;
    this.#codec = codec;
    this.#mark = mark;
  }

  /** Reads the rows of sessions in a list, until so many live. The row of a log-in may come a while after its entry. */
  async look(
    subject: string,
    entries: readonly Entry[],
    most: number = Infinity,
  ): Promise<{ readonly living: readonly ListedSession[]; readonly dead: readonly string[] }> {
    await this.#mark.refresh();
    const living: ListedSession[] = [];
    const dead: string[] = [];
    const addedAt = new Map(entries.map((entry) => [entry.handle, entry.addedAt]));
    for await (const { keys, found } of this.#many.read([...addedAt.keys()])) {
      for (const handle of keys) {
        const record = this.#recordOf(handle, found.get(handle), subject);
        if (record) living.push({ handle, record });
        else if (this.#context.now() - (addedAt.get(handle) ?? 0) >= UNDER_WAY) dead.push(handle);
      }
      if (living.length >= most) break;
    }
    return { living: living.slice(0, most), dead };
  }

  /** Gives the record of a session's row, if the session lives and is this subject's. */
  #recordOf(
    handle: string,
    row: SessionRow | undefined,
    subject: string,
  ): SessionRecord | undefined {
    const { expiryOf, subjectOf } = this.#context;
    const record = row && this.#codec.read(handle, row)?.record;
    if (!record || expiryOf(record) !== undefined || this.#mark.covers(record)) return undefined;
    return subjectOf(record.data) === subject ? record : undefined;
  }

  /**
   * Deletes the rows of sessions, if they are this subject's. If another version of Sojourn has written a row, the list
   * decides whose it is.
   */
  async end(subject: string, handles: readonly string[], reason: Revocation): Promise<void> {
    for await (const { found } of this.#many.read(handles)) {
      await this.#many.each([...found], ([handle, row]) =>
        this.#endRow(subject, handle, row, reason),
      );
    }
  }

  async #endRow(
    subject: string,
    handle: string,
    seen: SessionRow,
    reason: Revocation,
  ): Promise<void> {
    let endedId: string | undefined;
    const result = await deleteRow(this.#table, handle, seen, (row) => {
      const content = this.#codec.read(handle, row);
      const isTheirs = !content || this.#context.subjectOf(content.record.data) === subject;
      endedId = content && (content.record.id ?? idOfHandle(handle));
      return isTheirs ? undefined : NOT_THEIRS;
    });
    if (result === "done")
      publishEnd("revoke", this.#context.cookieName, { handle, endedId }, reason);
  }
}
