import { SessionError } from "../../core/errors.ts";
import type { Share } from "../../core/load/share.ts";
import type {
  Adopted,
  Adoptee,
  ChangedRecord,
  FoundSession,
  SessionRow,
} from "../../core/store.ts";
import type { FreshToken } from "../../crypto/token.ts";
import type { AdoptKeys } from "./adopt-keys.ts";
import { BEGUN, DONE } from "./adoption-marks.ts";
import type { AdoptionMarks } from "./adoption-marks.ts";
import type { TableStoreParts } from "../table/parts.ts";
import type { Row } from "../table/row.ts";

/** A row with this digest waits: no token has it, so that the row opens for nobody. */
const WAITING = "";

/**
 * How often a request looks again, after another one was faster at each step. There are four steps, and one more look
 * where the store of the old session has nothing any more.
 */
const MOST_LOOKS = 8;

/** The part of the store that finds a session by its cookie. */
type Find = (cookie: string, share: Share | undefined) => FoundSession | PromiseLike<FoundSession>;

/** An old session and the token that is derived from it. */
interface Adopting extends Adoptee {
  readonly unique: string;
  readonly token: FreshToken;
  readonly share: Share | undefined;
}

/**
 * Makes rows of old sessions whose cookies are unique. All requests with one old cookie derive one handle and one token,
 * so that they share one row. The order of the steps keeps the law that a row is born once, although its handle is not
 * fresh:
 *
 * 1. The mark: begun.
 * 2. The row is inserted. It waits, and opens for nobody.
 * 3. The mark is still "begun": nobody has used a row of this session yet, so that none can have been logged out.
 *    The row gets its digest.
 * 4. The old session ends in its own store.
 * 5. The mark: done. Only now is the session used. From here on an absent row is a session that has ended.
 *
 * Whoever comes in between goes on where the others are. An insert that arrives after step 5 makes a row that waits for
 * ever.
 */
export class AdoptedRows {
  readonly #parts: TableStoreParts;
  readonly #keys: AdoptKeys;
  readonly #marks: AdoptionMarks;
  readonly #find: Find;

  constructor(parts: TableStoreParts, keys: AdoptKeys, marks: AdoptionMarks, find: Find) {
    this.#parts = parts;
    this.#keys = keys;
    this.#marks = marks;
    this.#find = find;
  }

  async adopt(
    adoptee: Adoptee & { readonly unique: string },
    share: Share | undefined,
  ): Promise<Adopted | undefined> {
    const { unique } = adoptee;
    const token = this.#tokenOf(unique);
    const { cookie } = token;
    const adopting = { ...adoptee, token, share };
    let isNew = false;
    let hasNothing = false;
    let hasInserted = false;
    for (let look = 0; look < MOST_LOOKS; look++) {
      // Before the row: after "done" the row was there, so that an absent one has ended.
      const mark = await this.#marks.read(unique);
      if (mark === DONE) {
        if (hasInserted) await this.#takeBack(adopting);
        return { found: await this.#find(cookie, share), cookie, isNew };
      }
      const row = await this.#parts.table.get(token.handle, share);
      if (row) {
        isNew = await this.#goOn(adopting, row);
        continue;
      }
      if (hasNothing) return undefined;
      const inserted = await this.#insert(adopting);
      if (inserted === "revoked") return undefined;
      hasNothing = inserted === "nothing";
      hasInserted ||= inserted === "inserted";
    }
    throw new SessionError(
      "ERR_SESSION_CONFLICT",
      `other requests with the same old cookie were faster ${MOST_LOOKS} times`,
    );
  }

  async forget(unique: string): Promise<FoundSession> {
    await this.#marks.finish(unique);
    return this.#find(this.#tokenOf(unique).cookie, undefined);
  }

  #tokenOf(unique: string): FreshToken {
    return this.#parts.tokens.of(this.#keys.pair(unique));
  }

  /** Goes on from step 3 with the row that is there. Gives whether this request has given it its digest. */
  async #goOn(adopting: Adopting, row: SessionRow): Promise<boolean> {
    const { unique, token, share, end } = adopting;
    const { table, codec, context, subjects } = this.#parts;
    const { handle, digest } = token;
    const content = codec.read(handle, row);
    if (!content) throw unreadable();
    let isMine = false;
    if (isWaiting(content)) {
      // Read after the row: had somebody used a row of this session before it was inserted, the mark would say so.
      if ((await this.#marks.read(unique)) === DONE) {
        await this.#takeBack(adopting);
        return false;
      }
      const subject = context.subjectOf(content.record.data);
      const next = codec.write(handle, { ...content, digest }, subject);
      if ((await table.replace(handle, row.version, next, share)) !== "done") return false;
      isMine = true;
      // The list has it since step 2; the limit counts it from here on.
      if (subject !== undefined) {
        const record = { ...content.record, subject };
        await subjects.after({ handle, from: undefined, record }, { record });
      }
    }
    await end();
    await this.#marks.finish(unique);
    return isMine;
  }

  /** Removes a row that waits for ever: it was inserted after the session had ended. */
  async #takeBack({ token, share }: Adopting): Promise<void> {
    const { table, codec, context, subjects } = this.#parts;
    const { handle } = token;
    const row = await table.get(handle, share);
    const content = row && codec.read(handle, row);
    if (!content || !isWaiting(content)) return;
    await table.delete(handle, row?.version, share);
    const subject = context.subjectOf(content.record.data);
    if (subject !== undefined) await subjects.removeEntries(subject, handle);
  }

  /** Steps 1 and 2. "again" says that others may be further by now. */
  async #insert(adopting: Adopting): Promise<"inserted" | "again" | "nothing" | "revoked"> {
    const { unique, token, share, make } = adopting;
    const { table, subjects, codec, mark } = this.#parts;
    const record = await make();
    if (!record) return "nothing";
    await mark.refresh();
    if (mark.covers(record)) return "revoked";
    const stopped = await this.#refusal(token.handle, record);
    if (stopped) return "revoked";
    if ((await this.#marks.begin(unique)) !== BEGUN) return "again";
    const row = codec.write(token.handle, { record, digest: WAITING }, record.subject);
    const move = { handle: token.handle, from: undefined, record };
    if (record.subject !== undefined && (await subjects.before(move))) return "revoked";
    const inserted = await table.insert(token.handle, row, share);
    // The next look finds the row, and meets a revocation that has come meanwhile when the session is used.
    if (inserted === "lost") throw lost();
    if (inserted === "full") return "revoked";
    return inserted === "done" ? "inserted" : "again";
  }

  /** Before the mark: an old cookie that was refused must not count as a session that was there. */
  async #refusal(handle: string, record: ChangedRecord): Promise<string | undefined> {
    return this.#parts.subjects.refusal(record, [handle]);
  }
}

function isWaiting({ digest }: Row): boolean {
  return digest.length === WAITING.length;
}

function unreadable(): SessionError {
  return new SessionError(
    "ERR_SESSION_STORE",
    "the row of an adopted session was written by another version of Sojourn, or sealed by another secret",
  );
}

function lost(): SessionError {
  return new SessionError(
    "ERR_SESSION_STORE",
    "the session table lost the answer to the insert of an adopted session",
  );
}
