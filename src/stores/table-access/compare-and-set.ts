import { randomInt } from "node:crypto";
import { andThen, isPending } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { SessionError } from "../../core/errors.ts";
import { Running } from "./running.ts";

/** How long a commit tries, in milliseconds. */
const COMMIT_DEADLINE = 2000;
/** How long of it a commit waits for the one before it, in milliseconds. */
const LONGEST_QUEUE = COMMIT_DEADLINE / 2;
/** The longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE = 32;

/** What a try found instead of what it expected. */
export class Conflict<T> {
  readonly found: T;

  constructor(found: T) {
    this.found = found;
  }
}

/**
 * Compare-and-set until it succeeds, each try on what the one before has found. Commits to one key queue
 * within the process, where waiting is cheaper than conflicts; the time in the queue counts as well.
 */
export class CompareAndSet {
  readonly #running = new Running<unknown>();

  /** @throws ERR_SESSION_CONFLICT when others won every try until the deadline */
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
 * The turn of the next commit, when the one before has ended. That may never be: workerd forgets a request whose
 * client has gone, and with it all that it waits for. So the next one goes ahead after a while; the queue only saves
 * conflicts, it is compare-and-set that is safe.
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
 * The pause before a try. Before each second try there is none: the try after a pause mostly only finds what others
 * have written meanwhile, and the next one then has the fresh row. The other pauses are random, so that many processes
 * do not try at the same moment.
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
