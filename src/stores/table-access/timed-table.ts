import { andThen, isPending, recover } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import { isRefused } from "../../core/store-errors.ts";
import type { SessionRow, SessionTable } from "../../core/store.ts";

/** The default of the option `timeout`: seconds that one call of a table may take. */
export const DEFAULT_TIMEOUT = 2;

/** What became of an insert. `lost`: it is not there, and may still arrive, so that it must not be sent again. */
export type Inserted = "done" | "taken" | "full" | "lost";

/** The database says that it has done nothing, so that no answer is lost. */
class Refusal extends SessionError {
  constructor(cause: unknown) {
    const message = "the database has refused a call of the session table, and nothing was written";
    super("ERR_SESSION_STORE", message, { cause });
  }
}

/**
 * A table whose calls always end. Each call has a deadline. If the answer to a write is lost, one read settles whether
 * the write arrived, because the row's version names the write.
 */
export class TimedTable {
  readonly #table: SessionTable;
  readonly #timeout: number;
  readonly #now: () => number;
  /** Whether every write so far was answered at once; `undefined` before the first one. */
  #answersAtOnce: boolean | undefined;

  /** @param timeout milliseconds for one call */
  constructor(table: SessionTable, timeout: number, now: () => number) {
    this.#table = table;
    this.#timeout = timeout;
    this.#now = now;
  }

  /** Whether the answer to a write may be lost. It cannot where writes are answered at once. */
  get losesAnswers(): boolean {
    return this.#answersAtOnce !== true;
  }

  get(key: string): Awaitable<SessionRow | undefined> {
    return this.run(() => this.#table.get(key));
  }

  /** Sends an insert once. A second one could arrive after the row has ended, and would bring it back. */
  insert(key: string, row: SessionRow): Awaitable<Inserted> {
    const judge = (found: SessionRow | undefined): Inserted =>
      found?.version === row.version ? "done" : "taken";
    const insert = (): Awaitable<Inserted> =>
      andThen(
        this.run(() => this.#table.insert(key, row, this.#now())),
        (result): Awaitable<Inserted> => {
          if (result === "full") return result;
          // A client that sends again by itself meets the row that it has inserted.
          return result ? "done" : andThen(this.get(key), judge);
        },
      );
    return this.#settleLostAnswer(insert, key, (found) => (found ? judge(found) : "lost"));
  }

  replace(key: string, version: number, row: SessionRow): Awaitable<"done" | "gone" | SessionRow> {
    const replace = (): Awaitable<"done" | "gone" | SessionRow> =>
      andThen(
        this.run(() => this.#table.replace(key, version, row, this.#now())),
        // An earlier try of this same write has arrived after all.
        (result) =>
          typeof result === "object" && result.version === row.version ? "done" : result,
      );
    return this.#settleLostAnswer(replace, key, (found) => {
      if (found?.version === row.version) return "done";
      return found?.version === version ? replace() : unknownOutcome();
    });
  }

  touch(key: string, version: number, expiresAt: number): Awaitable<"done" | "gone" | "conflict"> {
    return this.run(() => this.#table.touch(key, version, expiresAt, this.#now()));
  }

  delete(key: string, version: number | undefined): Awaitable<"done" | "gone" | SessionRow> {
    const remove = (): Awaitable<"done" | "gone" | SessionRow> =>
      this.run(() => this.#table.delete(key, version, this.#now()));
    return this.#settleLostAnswer(remove, key, (found) => {
      if (found === undefined) return "done";
      return version === undefined || found.version === version ? remove() : unknownOutcome();
    });
  }

  /** Runs a write. If its answer is lost, `decide` judges by the row that is there. */
  #settleLostAnswer<T>(
    write: () => Awaitable<T>,
    key: string,
    decide: (found: SessionRow | undefined) => Awaitable<T>,
  ): Awaitable<T> {
    const settled = recover(write, (cause) => {
      if (cause instanceof Refusal) throw cause;
      return recover(
        () => andThen(this.get(key), decide),
        () => {
          throw storeError("failed to write, and whether it did is not known", cause);
        },
      );
    });
    this.#answersAtOnce = this.#answersAtOnce !== false && !isPending(settled);
    return settled;
  }

  /** Makes one call, which ends in time. */
  run<T>(call: () => Awaitable<T>): Awaitable<T> {
    let answer: Awaitable<T>;
    try {
      answer = call();
    } catch (error) {
      throw judged(error);
    }
    return isPending(answer) ? before(this.#timeout, answer) : answer;
  }
}

/** Gives the answer, or an error if it takes longer than `timeout` milliseconds. */
function before<T>(timeout: number, answer: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let last: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // A process that was busy may have an unread answer in its sockets. Node reads them before it runs an immediate.
      last = setImmediate(() => {
        reject(storeError(`did not answer within ${timeout / 1000} seconds`));
      });
    }, timeout);
    const settled = (): void => {
      clearTimeout(timer);
      clearImmediate(last);
    };
    answer.then(resolve, (error) => reject(judged(error))).then(settled);
  });
}

function judged(error: unknown): unknown {
  return isRefused(error) ? new Refusal(error.cause) : error;
}

/** Refuses to write again: nobody can tell whether the write was made, so that it could be made twice. */
export function unknownOutcome(): never {
  throw storeError("lost the answer to a write");
}

function storeError(what: string, cause?: unknown): SessionError {
  return new SessionError("ERR_SESSION_STORE", `the session table ${what}`, { cause });
}
