import { recover } from "./awaitable.ts";
import type { Awaitable } from "./awaitable.ts";
import { SessionError } from "./errors.ts";

/**
 * Marks an error that a function of the application threw inside a commit, so that it does not count as the store's.
 */
export class UpdateFailed extends Error {}

/** The mark of an error that {@link refused} has made, also by a copy of this module that a bundler has made. */
const REFUSED = Symbol.for("sojourn.refused");

/**
 * Makes the error that a table of your own throws if its database says that it has done nothing: it has no memory, it
 * only reads, the user lacks a right. The request then gets `ERR_SESSION_STORE` with that cause after one call. For any
 * other failure throw the client's own error: the store takes it for a lost answer, and reads whether the write was made.
 * @param cause the error of the database's client
 * @example
 * ```ts
 * import { refused } from "sojourn";
 *
 * const NOTHING_DONE = ["OUT_OF_SPACE", "READ_ONLY"];
 *
 * function judged(error: unknown): unknown {
 *   const { code } = error as { code?: unknown };
 *   return NOTHING_DONE.includes(String(code)) ? refused(error) : error;
 * }
 * ```
 */
export function refused(cause: unknown): Error {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  const error = new Error(`the database has refused a command, and has done nothing${why}`, {
    cause,
  });
  return Object.defineProperty(error, REFUSED, { value: true });
}

/** Whether the database says that it has done nothing. */
export function isRefused(error: unknown): error is Error {
  return error instanceof Error && REFUSED in error;
}

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
