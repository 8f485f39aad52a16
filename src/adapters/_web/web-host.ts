import {
  applyCommitResult,
  applyFirstLook,
  applyLateLook,
  isPrivate,
  isShareable,
} from "../../core/cookie/response-headers.ts";
import type { CommitResult, ResponseHeaders } from "../../core/cookie/response-headers.ts";
import type { HostSession } from "../../core/request/host-session.ts";
import type { Host } from "../../core/request/host.ts";

/** A `Request` of the Fetch standard, for the hosts that are built on it. They commit after the handler. */
export class WebHost implements Host {
  readonly anonymousOnError: boolean;
  readonly isActivity = true;
  readonly #request: Request;
  readonly #onFirstLook: (() => void) | undefined;
  #abandoned = false;
  /** The headers that were handed to the platform, if nobody had looked by then. */
  #left: Pick<ResponseHeaders, "get"> | undefined;

  /** @param onFirstLook is told when the handler looks at the session for the first time */
  constructor(request: Request, anonymousOnError: boolean, onFirstLook?: () => void) {
    this.#request = request;
    this.anonymousOnError = anonymousOnError;
    this.#onFirstLook = onFirstLook;
  }

  cookieHeader(): string | null {
    return this.#request.headers.get("cookie");
  }

  onFirstLook(): boolean {
    this.#onFirstLook?.();
    return true; // Whatever the handler does, the commit comes after it.
  }

  /** Notes the headers of an answer at whose session nobody has looked. */
  noteHead(headers: Pick<ResponseHeaders, "get">): void {
    this.#left = headers;
  }

  hasSharedHead(): boolean {
    return this.#left !== undefined && isShareable(this.#left.get("Cache-Control"));
  }

  isInsecure(): boolean {
    return this.#request.url.startsWith("http:");
  }

  isGone(): boolean {
    return this.#abandoned || this.#request.signal.aborted;
  }

  onGone(told: () => void): void {
    const { signal } = this.#request;
    if (signal.aborted) told();
    else signal.addEventListener("abort", told, { once: true });
  }

  /** No answer of ours will leave, so that no cookie reaches the client: as if it had gone. */
  abandon(): void {
    this.#abandoned = true;
  }
}

/** Answers a WebSocket upgrade: the platform knows the response by its identity, and sends no headers of ours. */
const SWITCHING_PROTOCOLS = 101;

/**
 * A copy of the response, with what was committed. The application may keep its response and return it for many
 * requests: headers that were written into that one would carry one user's cookie to the next.
 */
export function withCommitResult(response: Response, result: CommitResult): Response {
  if (result.setCookie === undefined) return withFirstLook(response);
  return copyWith(response, (headers) => applyCommitResult(headers, result));
}

/** The response, or a copy of it, with what it needs since its handler has looked at the session. */
export function withFirstLook(response: Response): Response {
  return isPrivate(response.headers) ? response : copyWith(response, applyFirstLook);
}

/** What the platform itself calls a body that is a text. A stream has no type, or one that the handler gives it. */
const TEXT = /^text\/plain;charset=utf-8$/i;

/** The response, or a copy of it, with what it needs if its handler may look at the session while it streams. */
export function withLateLook(response: Response, session: HostSession): Response {
  if (!mayStream(response)) return response;
  const { headers } = response;
  if (headers.get("Cache-Control") || headers.get("Content-Length")) return response;
  return session.mayBeSeenLate() ? copyWith(response, applyLateLook) : response;
}

/** Whether an answer may still be written. What is behind a body, the platform does not say, but that it was a text. */
export function mayStream(answer: unknown): boolean {
  if (!(answer instanceof Response)) return answer instanceof ReadableStream;
  // The body first: a Response of Hono's server for Node takes on the platform's type when it is asked for the body.
  return answer.body !== null && !TEXT.test(answer.headers.get("Content-Type") ?? "");
}

function copyWith(response: Response, write: (headers: Headers) => void): Response {
  // `Response.error()` has no copy either; the server answers it with an error of its own.
  if (response.status === SWITCHING_PROTOCOLS || response.type === "error") return response;
  const copy = new Response(response.body, response);
  write(copy.headers);
  return copy;
}

/** Closes what stands behind the body of a response that nobody will read. */
export function discard(response: Response | undefined): void {
  response?.body?.cancel().catch(() => {}); // A body that is being read already is its reader's.
}
