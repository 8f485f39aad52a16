import { recover } from "./awaitable.ts";
import type { Awaitable } from "./awaitable.ts";
import { SessionError } from "./errors.ts";

/**
 * Marks an error that a function of the application threw inside a commit, so that it does not count as the store's.
 */
export class UpdateFailed extends Error {}

/** Runs a task of the store. An error of the store becomes the cause of an `ERR_SESSION_STORE`; our own errors pass. */
export function asStoreError<T>(task: () => Awaitable<T>, doing: string): Awaitable<T> {
  return recover(task, (error) => {
    if (error instanceof UpdateFailed) throw error.cause;
    if (error instanceof SessionError) throw error;
    throw new SessionError("ERR_SESSION_STORE", `the session store failed while ${doing}`, {
      cause: error,
    });
  });
}
