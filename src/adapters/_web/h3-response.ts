import {
  applyCommitResult,
  applyFirstLook,
  applyLateLook,
} from "../../core/cookie/response-headers.ts";
import type { ResponseHeaders, CommitResult } from "../../core/cookie/response-headers.ts";
import type { HostSession } from "../../core/request/host-session.ts";
import type { Answering } from "./commit-after.ts";
import { discard, mayStream } from "./web-host.ts";
import type { WebHost } from "./web-host.ts";

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

/** What the response of an event needs of its session. */
export class PreparedHead {
  readonly #event: PreparingEvent;
  /** Told which headers leave, where no response of Node can say so. */
  host: WebHost | undefined;
  /** Names of headers that stood before the handler looked at its session: they are not its own. */
  #before: readonly string[] = [];
  /** What the first look has written, and what stood there before. */
  readonly #early: {
    readonly name: string;
    readonly written: string;
    readonly before: string | null;
  }[] = [];

  constructor(event: PreparingEvent) {
    this.#event = event;
  }

  /** Written at once, so that a cache between the middleware and the handler sees it. */
  onFirstLook(): void {
    const { headers } = this.#event.res;
    this.#before = [...headers.keys()];
    applyFirstLook({
      get: (name) => headers.get(name),
      append: (name, value) => headers.append(name, value),
      set: (name, written) => {
        this.#early.push({ name, written, before: headers.get(name) });
        headers.set(name, written);
      },
    });
  }

  /** How h3 2 answers. */
  answering(session: HostSession): Answering<unknown> {
    return {
      apply: (answer, result) => {
        this.#write(answer, result);
        return answer;
      },
      leave: (answer) => {
        const isLate = mayStream(answer) && session.mayBeSeenLate();
        if (!isLate && !this.host) return answer; // h3 makes a response of its own only when it is asked for.
        const headers = headersOf(this.#event.res, answer);
        if (isLate) applyLateLook(headers);
        this.host?.noteHead(headers);
        return answer;
      },
      applyToError: (error, result) => this.#write(error, result),
      discard: (answer) => {
        const { res } = this.#event;
        forgetPrepared(res, this.#before);
        applyFirstLook(res.headers);
        applyFirstLook(res.errHeaders);
        if (answer instanceof Response) discard(answer);
      },
    };
  }

  #write(answer: unknown, result: CommitResult): void {
    const { res } = this.#event;
    this.#withdraw(res.headers);
    writeResult(res, answer, result);
  }

  /**
   * Takes back what the first look has written, and leaves what the handler has set or added: h3 lays the headers of the
   * event over those of the answer, where the handler may have set its own.
   */
  #withdraw(headers: Headers): void {
    for (const { name, written, before } of this.#early.splice(0)) {
      const now = headers.get(name) ?? "";
      if (now !== written && !now.startsWith(`${written}, `)) continue;
      const own = [before ?? "", now.slice(written.length + 2)].filter(Boolean);
      headers.delete(name);
      if (own.length > 0) headers.set(name, own.join(", "));
    }
  }
}

/** Writes a commit to where h3 will look, which depends on what the handler has given or thrown. */
function writeResult(prepared: EventResponse, answer: unknown, result: CommitResult): void {
  if (answer instanceof Response) {
    applyCommitResult(headersOf(prepared, answer), result);
    return;
  }
  const { headers, errHeaders } = prepared;
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

function headersOf({ headers, errHeaders }: EventResponse, answer: unknown): ResponseHeaders {
  if (!(answer instanceof Response)) return headers;
  return over(answer.headers, answer.status >= 400 ? errHeaders : headers);
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
