import { andThen, isPending, recover } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { CommitResult } from "../../core/cookie/response-headers.ts";

/** What is committed after the handler, which has given this answer or none. */
interface Committer<Answer> {
  commit(answer?: Answer): Awaitable<CommitResult | undefined>;
}

/** The steps of a host that follow the commit. */
export interface Answering<Answer> {
  /** Writes the result of the commit into the answer, and gives the answer. */
  apply(answer: Answer, result: CommitResult): Answer;
  /** Gives the answer of a handler that has not looked, made private if the handler may look while it streams. */
  leave(answer: Answer): Answer;
  /** Drops the answer because the commit failed: no part of it may leave. */
  discard(answer: Answer): void;
  /** Writes the result of the commit into the answer to the handler's error, if this host can. */
  applyToError?(error: unknown, result: CommitResult): void;
}

/**
 * Runs the handler, then commits, then writes the result of the commit into the answer. An error of the commit takes
 * the place of the answer. An error of the handler stays the error, even if the commit fails as well.
 */
export function commitAfter<Answer>(
  session: Committer<Answer>,
  handler: () => Awaitable<Answer>,
  host: Answering<Answer>,
): Awaitable<Answer> {
  function answered(answer: Answer): Awaitable<Answer> {
    const committing = recover(
      () => session.commit(answer),
      (error) => {
        host.discard(answer);
        throw error;
      },
    );
    return andThen(committing, (result) =>
      result ? host.apply(answer, result) : host.leave(answer),
    );
  }

  function failed(error: unknown): Awaitable<never> {
    const committing = recover(
      () => session.commit(),
      () => undefined, // The handler's error is the one to mend.
    );
    return andThen(committing, (result) => {
      if (result) host.applyToError?.(error, result);
      throw error;
    });
  }

  let answer: Awaitable<Answer>;
  try {
    answer = handler();
  } catch (error) {
    return failed(error);
  }
  return isPending(answer) ? answer.then(answered, failed) : answered(answer);
}
