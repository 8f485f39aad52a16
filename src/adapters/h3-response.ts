import { applyOutcome } from "../core/answer.ts";
import type { AnswerHeaders, Outcome } from "../core/answer.ts";
import { rescue } from "../core/awaitable.ts";
import type { RequestSession } from "../core/session.ts";
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

/** Commits after the handlers, whether they have answered or thrown. */
export async function commitAround(
  begun: RequestSession,
  prepared: EventResponse,
  next: () => unknown,
): Promise<unknown> {
  const before = [...prepared.headers.keys()];
  let answer: unknown;
  try {
    answer = await next();
  } catch (error) {
    // The handlers' error is the one to mend.
    const outcome = await rescue(
      () => begun.commit(),
      () => undefined,
    );
    if (outcome) writeOutcome(prepared, error, outcome);
    throw error;
  }
  let outcome: Outcome | undefined;
  try {
    outcome = await begun.commit();
  } catch (error) {
    forgetPrepared(prepared, before);
    if (answer instanceof Response) discard(answer);
    throw error;
  }
  if (outcome) writeOutcome(prepared, answer, outcome);
  return answer;
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
