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
