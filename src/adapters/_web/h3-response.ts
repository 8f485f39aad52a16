import { applyCommitResult } from "../../core/cookie/response-headers.ts";
import type { ResponseHeaders, CommitResult } from "../../core/cookie/response-headers.ts";
import type { Answering } from "./commit-after.ts";
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
 * How h3 2 answers.
 * @param before names of headers that stood before the handler looked at its session: they are not its own
 */
export function answeringOf(event: PreparingEvent, before: readonly string[]): Answering<unknown> {
  return {
    apply(answer, result) {
      writeResult(event.res, answer, result);
      return answer;
    },
    applyToError: (error, result) => writeResult(event.res, error, result),
    discard(answer) {
      forgetPrepared(event.res, before);
      if (answer instanceof Response) discard(answer);
    },
  };
}

/** Writes a commit to where h3 will look, which depends on what the handler has given or thrown. */
function writeResult(prepared: EventResponse, answer: unknown, result: CommitResult): void {
  const { headers, errHeaders } = prepared;
  if (answer instanceof Response) {
    applyCommitResult(over(answer.headers, answer.status >= 400 ? errHeaders : headers), result);
    return;
  }
  const own = (answer as { readonly headers?: unknown } | null | undefined)?.headers;
  const base = own instanceof Headers ? own : undefined;
  if (answer instanceof Error || answer === NOT_FOUND) {
    applyCommitResult(over(base, errHeaders), result);
    // What the application's onError gives instead is no error any more.
    applyCommitResult(headers, result);
    return;
  }
  applyCommitResult(over(base, headers), result);
}

/** h3 lays the headers of the event over those of the answer; a `Set-Cookie` comes beside the others. */
function over(base: Headers | undefined, top: Headers): ResponseHeaders {
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
