/** A value, or a promise of it. A store that answers at once makes no promise. */
export type Awaitable<T> = T | PromiseLike<T>;

export function isPending<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === "function";
}

/**
 * Goes on with a value now, or with a promise when it is fulfilled. So there is one path for stores that answer at once
 * and stores that answer later.
 */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPending(value) ? value.then(next) : next(value);
}

/** Runs `task`, and hands an error that it throws or rejects with to `failed`. */
export function recover<T>(
  task: () => Awaitable<T>,
  failed: (error: unknown) => Awaitable<T>,
): Awaitable<T> {
  try {
    const value = task();
    return isPending(value) ? value.then(undefined, failed) : value;
  } catch (error) {
    return failed(error);
  }
}

/**
 * Runs tasks that do not depend on each other, and gives their results: now if all of them answer at once, or else when
 * all are fulfilled. An error of one never stops the others from being asked.
 */
export function together<T>(tasks: readonly (() => Awaitable<T>)[]): Awaitable<readonly T[]> {
  const results = tasks.map((task) => recover(task, rejected));
  // Each becomes a promise of its own, so that code handles the error of each.
  return results.some(isPending)
    ? Promise.all(results.map(async (each) => each))
    : (results as T[]);
}

/** Gives an error as a rejection. A throw would leave the promises of other tasks without code that handles them. */
function rejected(error: unknown): Promise<never> {
  return Promise.reject(error);
}

/** What becomes of an answer that is waited for. */
interface Waiting {
  /** Gives the error for an answer that takes too long. */
  readonly late: () => unknown;
  /** Gives the error to pass on for one that comes in time. */
  readonly failed?: (error: unknown) => unknown;
  /** Called once, when the answer or the error is there. */
  readonly ended?: () => void;
}

/** Gives an answer, or an error if it takes longer than some milliseconds. */
export function inTime<T>(
  milliseconds: number,
  answer: PromiseLike<T>,
  { late, failed, ended }: Waiting,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let last: NodeJS.Immediate | undefined;
    let isOver = false;
    const end = (): boolean => {
      if (isOver) return false;
      isOver = true;
      clearTimeout(timer);
      clearImmediate(last);
      ended?.();
      return true;
    };
    const timer = setTimeout(() => {
      // A process that was busy may have an unread answer in its sockets. Node reads them before it runs an immediate.
      last = setImmediate(() => {
        if (end()) reject(late());
      });
    }, milliseconds);
    const arrived = (value: T): void => {
      if (end()) resolve(value);
    };
    const broke = (error: unknown): void => {
      if (end()) reject(failed ? failed(error) : error);
    };
    answer.then(arrived, broke);
  });
}
