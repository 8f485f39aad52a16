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
