import type { Committer } from "../../core/request/host.ts";
import {
  applyCommitResult,
  applyFirstLook,
  applyLateLook,
} from "../../core/cookie/response-headers.ts";
import type {
  CommitResult,
  PageCaching,
  ResponseHeaders,
} from "../../core/cookie/response-headers.ts";
import type { HostSession } from "../../core/request/host-session.ts";
import type { Answering } from "./commit-after.ts";
import { HeadersOf } from "../_node/response-head.ts";
import type { NodeResponse } from "../_node/node-host.ts";
import { discard, mayStream } from "./web-host.ts";
import type { Below, WebHost } from "./web-host.ts";

/** The headers that an event of h3 2 prepares for its response: `errHeaders` for errors, `headers` for all else. */
export interface EventResponse {
  status?: number | undefined;
  statusText?: string | undefined;
  readonly headers: Headers;
  readonly errHeaders: Headers;
}

const PUBLIC = /(?:^|,)[ \t]*(?:public|s-maxage)[ \t]*(?:[,=]|$)/i;

/** The value that h3 gives for a request that no route takes. */
const NOT_FOUND = Symbol.for("h3.notFound");

/** An event of h3 2. It makes its response, and the headers in there, only when some code reads them. */
export interface PreparingEvent {
  readonly res: EventResponse;
  readonly runtime?: { readonly node?: { readonly res?: NodeResponse } | undefined } | undefined;
}

/** Writes the session's headers into the response of an event. */
export class PreparedHead {
  readonly #event: PreparingEvent;
  /** The host that is told which headers leave, on runtimes without Node's response. */
  host: WebHost | undefined;
  /** The names of the headers that stood before the handler looked at its session, and so are not the handler's. */
  #before: readonly string[] = [];
  /** The headers that the first look has written, and those that stood there before. */
  readonly #early: {
    readonly name: string;
    readonly written: string;
    readonly before: string | null;
  }[] = [];

  #pages: PageCaching | undefined;

  constructor(event: PreparingEvent) {
    this.#event = event;
  }

  /** Writes the headers at once, so that a cache between the middleware and the handler sees them. */
  onFirstLook({ pages }: Committer): void {
    this.#pages = pages;
    const { headers } = this.#event.res;
    this.#before = [...headers.keys()];
    applyFirstLook(
      {
        get: (name) => headers.get(name) ?? this.#below?.get(name),
        append: (name, value) => headers.append(name, value),
        set: (name, written) => {
          this.#early.push({ name, written, before: headers.get(name) });
          headers.set(name, written);
        },
      },
      pages,
    );
  }

  /** Gives the steps with which h3 2 answers. */
  answering(session: HostSession): Answering<unknown> {
    return {
      apply: (answer, result) => {
        this.#write(answer, result);
        return answer;
      },
      leave: (answer) => {
        const isLate = mayStream(answer) && session.mayBeSeenLate();
        if (!isLate && !this.host) return answer; // h3 makes a response of its own only when some code reads it.
        const headers = headersOf(this.#event.res, answer, this.#below);
        if (isLate) applyLateLook(headers, session.pages);
        this.host?.noteHead(headers);
        return answer;
      },
      applyToError: (error, result) => this.#write(error, result),
      discard: (answer) => {
        const { res } = this.#event;
        forgetPrepared(res, this.#before);
        applyFirstLook(res.headers, this.#pages);
        applyFirstLook(res.errHeaders, this.#pages);
        if (answer instanceof Response) discard(answer);
      },
    };
  }

  #write(answer: unknown, result: CommitResult): void {
    const { res } = this.#event;
    this.#withdraw(res.headers);
    writeResult(res, answer, result, this.#below);
  }

  /** What middleware of Node's hosts has put on Node's response. h3 lays the headers of the answer over it. */
  get #below(): Below | undefined {
    const res = this.#event.runtime?.node?.res;
    return res && new HeadersOf(res);
  }

  /**
   * Takes back the headers that the first look has written, and leaves those that the handler has set or added. h3
   * would lay them over the headers of the answer, where the handler may have set its own.
   */
  #withdraw(headers: Headers): void {
    for (const { name, written, before } of this.#early.splice(0)) {
      const now = headers.get(name) ?? "";
      const added = now.startsWith(`${written}, `) ? now.slice(written.length + 2) : undefined;
      if (now !== written && added === undefined) continue;
      // A Cache-Control that begins as ours may be the handler's own. It stays whole, unless the rest makes the page public.
      if (name === "Cache-Control" && added !== undefined && !PUBLIC.test(added)) continue;
      const own = [before ?? "", added].filter(Boolean);
      headers.delete(name);
      if (own.length > 0) headers.set(name, own.join(", "));
    }
  }
}

/** Writes a commit into the headers that h3 will use, which depend on the handler's answer or error. */
function writeResult(
  prepared: EventResponse,
  answer: unknown,
  result: CommitResult,
  below: Below | undefined,
): void {
  if (answer instanceof Response) {
    applyCommitResult(headersOf(prepared, answer, below), result);
    return;
  }
  const { headers, errHeaders } = prepared;
  const own = (answer as { readonly headers?: unknown } | null | undefined)?.headers;
  const base = own instanceof Headers ? own : undefined;
  if (answer instanceof Error || answer === NOT_FOUND) {
    applyCommitResult(over(base, errHeaders, below), result);
    // The application's onError may give an answer instead, which is no error any more.
    applyCommitResult(over(undefined, headers, below), result);
    return;
  }
  applyCommitResult(over(base, headers, below), result);
}

function headersOf(
  { headers, errHeaders }: EventResponse,
  answer: unknown,
  below: Below | undefined,
): ResponseHeaders {
  if (!(answer instanceof Response)) return over(undefined, headers, below);
  return over(answer.headers, answer.status >= 400 ? errHeaders : headers, below);
}

/** Shows the headers as h3 will merge them: the event's over those of the answer, and every `Set-Cookie`. */
function over(base: Headers | undefined, top: Headers, below: Below | undefined): ResponseHeaders {
  return {
    get: (name) => top.get(name) ?? base?.get(name) ?? below?.get(name),
    set: (name, value) => top.set(name, value),
    append: (name, value) => top.append(name, value),
  };
}

/** Removes the headers that the handler has prepared, for the answer to an error. */
function forgetPrepared(prepared: EventResponse, before: readonly string[]): void {
  const names = [...prepared.headers.keys()];
  for (const name of names) if (!before.includes(name)) prepared.headers.delete(name);
  prepared.status = undefined;
  prepared.statusText = undefined;
}
