import { randomInt } from "node:crypto";
import { andThen, isPending } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { Share } from "../../core/load/share.ts";
import { SessionError } from "../../core/errors.ts";
import { Running } from "./running.ts";

/** The time for all tries of a commit that belongs to no request, in milliseconds. */
const COMMIT_DEADLINE = 2000;
/** The longest time for which a commit waits for the one before it, in milliseconds. */
const LONGEST_QUEUE = COMMIT_DEADLINE / 2;
/** The longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE = 32;
/**
 * The time for which a value counts as just read, in milliseconds. A row that is written in haste names its last 64 writes,
 * and more of them do not come in that time.
 */
const FRESH = 100;

/** The end of the tries: that of a request's share, or of a commit that belongs to no request. */
type End = Pick<Share, "left" | "isOver">;

class Deadline implements End {
  readonly #end: number;

  constructor(now: number) {
    this.#end = now + COMMIT_DEADLINE;
  }

  get left(): number {
    return this.#end - performance.now();
  }

  get isOver(): boolean {
    return this.left <= 0;
  }
}

/** The value that a try found in the place of the expected one. */
export class Conflict<T> {
  readonly found: T;

  constructor(found: T) {
    this.found = found;
  }
}

/** How a commit reads again what may have changed often since it was read. */
export interface Reader<T> {
  /**
   * When the value had been read, by `performance.now()`. The application's clock may be set back, and would then take an old
   * value for a new one.
   */
  readonly readAt: number;
  read(): Awaitable<T>;
}

/**
 * Repeats a compare-and-set until it succeeds. Each try starts from the value that the try before has found. Within the
 * process, commits to one key wait in a queue, which is cheaper than conflicts. The time in the queue counts as well.
 */
export class CompareAndSet {
  readonly #running = new Running<unknown>();

  /**
   * @param reader reads the value again before a try that comes late: more than 100 ms after the load, or after a wait
   * for others. Without one, a late try meets the conflict that tells it the value.
   * @param share the time that the request has for the table
   * @throws ERR_SESSION_CONFLICT if other requests won every try until the deadline
   */
  run<T, R>(
    key: string,
    seen: T,
    attempt: (seen: T) => Awaitable<R | Conflict<T>>,
    reader?: Reader<T>,
    share?: Share,
  ): Awaitable<R> {
    const now = performance.now();
    const end = share ?? new Deadline(now);
    const tries: Tries<T, R> = { end, attempt, reader };
    const before = this.#running.get(key);
    if (before) {
      const start = (): Awaitable<R> => tryAgain(tries, seen, 1);
      const queue = settledOrLate(before, Math.min(LONGEST_QUEUE, end.left / 2));
      return this.#remember(key, queue.then(start));
    }
    const isOld = reader !== undefined && now - reader.readAt > FRESH;
    return this.#remember(key, isOld ? tryAgain(tries, seen, 1) : tryUntil(tries, seen, 1));
  }

  #remember<R>(key: string, running: Awaitable<R>): Awaitable<R> {
    if (isPending(running)) this.#running.set(key, running);
    return running;
  }
}

/**
 * Waits until the commit before has ended, or for half the time that there is. A commit may never end: workerd forgets a request
 * whose client has gone, with everything that it waits for. It is safe to go ahead then, because the queue only saves
 * conflicts. Compare-and-set alone keeps the writes apart.
 */
export function settledOrLate(
  before: PromiseLike<unknown>,
  longest: number = LONGEST_QUEUE,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longest);
    const ended = (): void => {
      clearTimeout(timer);
      resolve();
    };
    before.then(ended, ended);
  });
}

interface Tries<T, R> {
  readonly end: End;
  readonly attempt: (seen: T) => Awaitable<R | Conflict<T>>;
  readonly reader: Reader<T> | undefined;
}

function tryUntil<T, R>(tries: Tries<T, R>, seen: T, count: number): Awaitable<R> {
  return andThen(tries.attempt(seen), (result) => {
    if (!(result instanceof Conflict)) return result;
    const next = (tryNext: typeof tryUntil): Awaitable<R> => {
      if (tries.end.isOver) throw conflict();
      return tryNext(tries, result.found, count + 1);
    };
    const pausing = pause(count);
    return pausing ? pausing.then(() => next(tryAgain)) : next(tryUntil);
  });
}

/** Tries with the value as it is now. Others may have changed it more often since than it names. */
function tryAgain<T, R>(tries: Tries<T, R>, seen: T, count: number): Awaitable<R> {
  if (!tries.reader) return tryUntil(tries, seen, count);
  return andThen(tries.reader.read(), (fresh) => tryUntil(tries, fresh, count));
}

/**
 * Waits before a try, but not before each second one: a try that has just met a conflict has the fresh row, and must
 * follow at once. The other pauses are random, so that many processes do not try at the same moment.
 */
function pause(tries: number): Promise<void> | undefined {
  if (tries % 2 === 1) return undefined;
  const longest = Math.min(2 ** tries, LONGEST_PAUSE);
  return new Promise((resolve) => setTimeout(resolve, randomInt(longest)));
}

function conflict(): SessionError {
  return new SessionError(
    "ERR_SESSION_CONFLICT",
    "other requests kept changing this session until the time of this one was over; nothing was written",
  );
}
