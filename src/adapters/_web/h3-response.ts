import { applyOutcome } from "../../core/cookie/response-headers.ts";
import type { AnswerHeaders, Outcome } from "../../core/cookie/response-headers.ts";
import { chain, isPending, rescue } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { RequestSession } from "../../core/request/session.ts";
import { discard } from "./web-host.ts";

/** What an event of h3 2 prepares for its response: `errHeaders` for errors, `headers` for all else. */
export interface EventResponse {
  status?: number | undefined;
  statusText?: string | undefined;
  readonly headers: Headers;
  readonly errHeaders: Headers;
}

/** What h3 makes of a request that no route takes. */
const NOT_FOUND = Symbol.for("h3.notFound");

/** An event of h3 2, which makes its response, and the headers in there, when they are asked for. */
export interface PreparingEvent {
  readonly res: EventResponse;
}

/**
 * Commits after the handlers, whether they have answered or thrown.
 * @param before names of headers that stood before the handler looked at its session: they are not its own
 */
export function commitAround(
  begun: RequestSession,
  event: PreparingEvent,
  before: readonly string[],
  next: () => unknown,
): unknown {
  function answered(answer: unknown): unknown {
    const commit = rescue(
      () => begun.commit(),
      (error) => {
        forgetPrepared(event.res, before);
        if (answer instanceof Response) discard(answer);
        throw error;
      },
    );
    return chain(commit, (outcome) => {
      if (outcome) writeOutcome(event.res, answer, outcome);
      return answer;
    });
  }

  function failed(error: unknown): Awaitable<never> {
    const commit = rescue(
      () => begun.commit(),
      () => undefined, // The handlers' error is the one to mend.
    );
    return chain(commit, (outcome) => {
      if (outcome) writeOutcome(event.res, error, outcome);
      throw error;
    });
  }

  let answer: unknown;
  try {
    answer = next();
  } catch (error) {
    return failed(error);
  }
  return isPending(answer) ? answer.then(answered, failed) : answered(answer);
}

/** Writes a commit to where h3 will look, which depends on what the handler has given or thrown. */
function writeOutcome(prepared: EventResponse, answer: unknown, outcome: Outcome): void {
  const { headers, errHeaders } = prepared;
  if (answer instanceof Response) {
    applyOutcome(over(answer.headers, answer.status >= 400 ? errHeaders : headers), outcome);
    return;
  }
  const own = (answer as { readonly headers?: unknown } | null | undefined)?.headers;
  const base = own instanceof Headers ? own : undefined;
  if (answer instanceof Error || answer === NOT_FOUND) {
    applyOutcome(over(base, errHeaders), outcome);
    // What the application's onError gives instead is no error any more.
    applyOutcome(headers, outcome);
    return;
  }
  applyOutcome(over(base, headers), outcome);
}

/** h3 lays the headers of the event over those of the answer; a `Set-Cookie` comes beside the others. */
function over(base: Headers | undefined, top: Headers): AnswerHeaders {
  return {
    get: (name) => top.get(name) ?? base?.get(name),
    set: (name, value) => top.set(name, value),
    append: (name, value) => top.append(name, value),
  };
}

/** Takes back what the handler has prepared, for the answer to an error. */
function forgetPrepared(prepared: EventResponse, before: readonly string[]): void {
  const names = [...prepared.headers.keys()];
  for (const name of names) if (!before.includes(name)) prepared.headers.delete(name);
  prepared.status = undefined;
  prepared.statusText = undefined;
}
