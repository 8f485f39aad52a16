import { randomInt } from "node:crypto";
import { andThen, isPending } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import { Running } from "./running.ts";

/** The time for all tries of a commit, in milliseconds. */
const COMMIT_DEADLINE = 2000;
/** The part of that time for which a commit waits for the one before it, in milliseconds. */
const LONGEST_QUEUE = COMMIT_DEADLINE / 2;
/** The longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE = 32;

/** The value that a try found in the place of the expected one. */
export class Conflict<T> {
  readonly found: T;

  constructor(found: T) {
    this.found = found;
  }
}

/**
 * Repeats a compare-and-set until it succeeds. Each try starts from the value that the try before has found. Within the
 * process, commits to one key wait in a queue, which is cheaper than conflicts. The time in the queue counts as well.
 */
export class CompareAndSet {
  readonly #running = new Running<unknown>();

  /** @throws ERR_SESSION_CONFLICT if other requests won every try until the deadline */
  run<T, R>(key: string, seen: T, attempt: (seen: T) => Awaitable<R | Conflict<T>>): Awaitable<R> {
    const deadline = performance.now() + COMMIT_DEADLINE;
    const before = this.#running.get(key);
    if (!before) return this.#remember(key, tryUntil(deadline, seen, attempt));
    const start = (): Awaitable<R> => tryUntil(deadline, seen, attempt);
    return this.#remember(key, settledOrLate(before).then(start));
  }

  #remember<R>(key: string, running: Awaitable<R>): Awaitable<R> {
    if (isPending(running)) this.#running.set(key, running);
    return running;
  }
}

/**
 * Waits until the commit before has ended, or for half the deadline. A commit may never end: workerd forgets a request
 * whose client has gone, with everything that it waits for. It is safe to go ahead then, because the queue only saves
 * conflicts. Compare-and-set alone keeps the writes apart.
 */
export function settledOrLate(before: PromiseLike<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LONGEST_QUEUE);
    const ended = (): void => {
      clearTimeout(timer);
      resolve();
    };
    before.then(ended, ended);
  });
}

function tryUntil<T, R>(
  deadline: number,
  seen: T,
  attempt: (seen: T) => Awaitable<R | Conflict<T>>,
  tries = 1,
): Awaitable<R> {
  return andThen(attempt(seen), (result) => {
    if (!(result instanceof Conflict)) return result;
    if (performance.now() > deadline) throw conflict();
    return andThen(pause(tries), () => tryUntil(deadline, result.found, attempt, tries + 1));
  });
}

/**
 * Waits before a try, but not before each second one: the try after a pause mostly finds that others have written
 * meanwhile, and the next try, which has the fresh row, must follow at once. The other pauses are random, so that many
 * processes do not try at the same moment.
 */
function pause(tries: number): Awaitable<void> {
  if (tries % 2 === 1) return undefined;
  const longest = Math.min(2 ** tries, LONGEST_PAUSE);
  return new Promise((resolve) => setTimeout(resolve, randomInt(longest)));
}

function conflict(): SessionError {
  return new SessionError(
    "ERR_SESSION_CONFLICT",
    `other requests kept changing this session for ${COMMIT_DEADLINE / 1000} seconds; nothing was written`,
  );
}
