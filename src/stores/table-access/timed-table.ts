import { andThen, inTime, isPending, recover } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import { publishStoreError, storeErrorsBegin } from "../../core/events.ts";
import type { TableMethod } from "../../core/events.ts";
import type { Share } from "../../core/load/share.ts";
import { isRefused } from "../../core/store-errors.ts";
import type { SessionRow, SessionTable, StoreContext } from "../../core/store.ts";

/** The default of the option `timeout`: seconds that one request has for its table. */
export const DEFAULT_TIMEOUT = 2;

/** The part of a request's time that a call keeps back for a later one, if so much is left. */
const KEPT_BACK = 0.25;

/** What became of an insert. `lost`: it is not there, and may still arrive, so that it must not be sent again. */
export type Inserted = "done" | "taken" | "full" | "lost";

/** Nothing was done, so that no answer is lost. */
class Refusal extends SessionError {
  constructor(why: string, cause?: unknown) {
    super("ERR_SESSION_STORE", `the ${why}, and nothing was written`, { cause });
  }
}

/**
 * A table whose calls always end: in the time that their request has left, or each in its own time. If the answer to a write is lost, one read settles whether
 * the write arrived, because the row's version names the write.
 */
/** A row that a write has met in the place of the one that it expected. */
export class Met {
  readonly row: SessionRow;
  /** Whether the write may have been sent before, so that it may be under what was met. */
  readonly mayBeOver: boolean;

  constructor(row: SessionRow, mayBeOver: boolean) {
    this.row = row;
    this.mayBeOver = mayBeOver;
  }
}

export class TimedTable {
  readonly #table: SessionTable;
  readonly #timeout: number;
  readonly #now: () => number;
  readonly #cookieName: string;
  /** Whether every write so far was answered at once; `undefined` before the first one. */
  #answersAtOnce: boolean | undefined;

  /** @param timeout milliseconds for one request, and for one call that belongs to none */
  constructor(table: SessionTable, timeout: number, { now, cookieName }: StoreContext) {
    this.#table = table;
    this.#timeout = timeout;
    this.#now = now;
    this.#cookieName = cookieName;
  }

  /** Whether the answer to a write may be lost. It cannot where writes are answered at once. */
  get losesAnswers(): boolean {
    return this.#answersAtOnce !== true;
  }

  /** Whether a write may meet what was written over its own first sending, without an error that would tell of it. */
  get mayResend(): boolean {
    return this.losesAnswers && !this.#table.sendsOnce;
  }

  /** @param keepsBack whether the request has more to do, also if no answer comes */
  get(key: string, share?: Share, keepsBack = false): Awaitable<SessionRow | undefined> {
    return this.run("get", () => this.#table.get(key), share, keepsBack);
  }

  /** Sends an insert once. A second one could arrive after the row has ended, and would bring it back. */
  insert(key: string, row: SessionRow, share?: Share): Awaitable<Inserted> {
    const judge = (found: SessionRow | undefined): Inserted =>
      found?.version === row.version ? "done" : "taken";
    const insert = (): Awaitable<Inserted> =>
      andThen(
        this.run("insert", () => this.#table.insert(key, row, this.#now()), share),
        (result): Awaitable<Inserted> => {
          if (result === "full") return result;
          // A client that sends again by itself meets the row that it has inserted.
          return result ? "done" : andThen(this.get(key, share), judge);
        },
      );
    return this.#settleLostAnswer(insert, key, share, (found) => (found ? judge(found) : "lost"));
  }

  replace(
    key: string,
    version: number,
    row: SessionRow,
    share?: Share,
  ): Awaitable<"done" | "gone" | Met> {
    const replace = (isAgain: boolean): Awaitable<"done" | "gone" | Met> => {
      const answer = this.run(
        "replace",
        () => this.#table.replace(key, version, row, this.#now()),
        share,
      );
      const mayBeOver = isAgain || (isPending(answer) && !this.#table.sendsOnce);
      return andThen(answer, (result) => {
        if (typeof result === "string") return result;
        // An earlier sending of this same write has arrived after all.
        return result.version === row.version ? "done" : new Met(result, mayBeOver);
      });
    };
    const settle = (found: SessionRow | undefined): Awaitable<"done" | "gone" | Met> => {
      if (found?.version === row.version) return "done";
      return found?.version === version ? replace(true) : unknownOutcome();
    };
    return this.#settleLostAnswer(() => replace(false), key, share, settle);
  }

  touch(
    key: string,
    version: number,
    expiresAt: number,
    share?: Share,
  ): Awaitable<"done" | "gone" | "conflict"> {
    return this.run("touch", () => this.#table.touch(key, version, expiresAt, this.#now()), share);
  }

  delete(
    key: string,
    version: number | undefined,
    share?: Share,
  ): Awaitable<"done" | "gone" | SessionRow> {
    const remove = (): Awaitable<"done" | "gone" | SessionRow> =>
      this.run("delete", () => this.#table.delete(key, version, this.#now()), share);
    return this.#settleLostAnswer(remove, key, share, (found) => {
      if (found === undefined) return "done";
      return version === undefined || found.version === version ? remove() : unknownOutcome();
    });
  }

  /** Runs a write. If its answer is lost, `decide` judges by the row that is there. */
  #settleLostAnswer<T>(
    write: () => Awaitable<T>,
    key: string,
    share: Share | undefined,
    decide: (found: SessionRow | undefined) => Awaitable<T>,
  ): Awaitable<T> {
    const settled = recover(write, (cause) => {
      if (cause instanceof Refusal) throw cause;
      return recover(
        () => andThen(this.get(key, share), decide),
        () => {
          throw storeError("failed to write, and whether it did is not known", cause);
        },
      );
    });
    this.#answersAtOnce = this.#answersAtOnce !== false && !isPending(settled);
    return settled;
  }

  /** Makes one call, which ends in time. */
  run<T>(
    method: TableMethod,
    call: () => Awaitable<T>,
    share?: Share,
    keepsBack: boolean = isSettled(method),
  ): Awaitable<T> {
    if (share?.isOver) throw new Refusal("time of the request for the session table is over");
    const began = storeErrorsBegin();
    let answer: Awaitable<T>;
    try {
      answer = call();
    } catch (error) {
      throw this.#failed(method, began, error);
    }
    if (!isPending(answer)) return answer;
    const time = share
      ? timeOf(share.left, keepsBack ? this.#timeout * KEPT_BACK : 0)
      : this.#timeout;
    return inTime(time, answer, {
      late: () => this.#late(method, began, time),
      failed: (error) => this.#failed(method, began, error),
    });
  }

  #late(method: TableMethod, began: number, time: number): SessionError {
    const error = storeError(`did not answer within ${Math.round(time) / 1000} seconds`);
    publishStoreError(this.#cookieName, method, "timed-out", began, error);
    return error;
  }

  #failed(method: TableMethod, began: number, error: unknown): unknown {
    const isRefusal = isRefused(error);
    const cause = isRefusal ? error.cause : error;
    publishStoreError(this.#cookieName, method, isRefusal ? "refused" : "lost", began, cause);
    return isRefusal
      ? new Refusal("database has refused a call of the session table", cause)
      : error;
  }
}

/** Whether a call is a write, whose lost answer is settled by a read. */
function isSettled(method: TableMethod): boolean {
  return method === "insert" || method === "replace" || method === "delete";
}

/** Gives the milliseconds of a call: of those that are left, without those that are kept back for a later one. */
function timeOf(left: number, keptBack: number): number {
  return left - Math.min(keptBack, left / 2);
}

/** Refuses to write again: nobody can tell whether the write was made, so that it could be made twice. */
export function unknownOutcome(): never {
  throw storeError("lost the answer to a write");
}

function storeError(what: string, cause?: unknown): SessionError {
  return new SessionError("ERR_SESSION_STORE", `the session table ${what}`, { cause });
}
