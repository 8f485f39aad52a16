import {
  applyCommitResult,
  applyFirstLook,
  applyLateLook,
  isPrivate,
  isShareable,
} from "../../core/cookie/response-headers.ts";
import type {
  CommitResult,
  PageCaching,
  ResponseHeaders,
} from "../../core/cookie/response-headers.ts";
import type { HostSession } from "../../core/request/host-session.ts";
import type { Committer, Host } from "../../core/request/host.ts";
import { bodyOf, copyWithHeaders, headersOf, isError, sourceOf } from "./response-body.ts";

/** A `Request` of the Fetch standard, for the hosts that are built on it. They commit after the handler. */
export class WebHost implements Host {
  readonly anonymousOnError: boolean;
  readonly isActivity = true;
  readonly #request: Request;
  readonly #onFirstLook: ((session: Committer) => void) | undefined;
  #abandoned = false;
  /** The headers that were given to the platform, if the handler had not looked by then. */
  #left: Pick<ResponseHeaders, "get"> | undefined;

  /** @param onFirstLook is called when the handler looks at the session for the first time */
  constructor(
    request: Request,
    anonymousOnError: boolean,
    onFirstLook?: (session: Committer) => void,
  ) {
    this.#request = request;
    this.anonymousOnError = anonymousOnError;
    this.#onFirstLook = onFirstLook;
  }

  cookieHeader(): string | null {
    return this.#request.headers.get("cookie");
  }

  onFirstLook(session: Committer): boolean {
    this.#onFirstLook?.(session);
    return true; // The commit always comes after the handler.
  }

  /** Notes the headers of an answer whose handler has not looked at the session. */
  noteHead(headers: Pick<ResponseHeaders, "get">): void {
    this.#left = headers;
  }

  hasSharedHead(): boolean {
    return this.#left !== undefined && isShareable(this.#left.get("Cache-Control"));
  }

  isInsecure(): boolean {
    return this.#request.url.startsWith("http:");
  }

  /** Whether no answer of ours will leave. */
  protected get isAbandoned(): boolean {
    return this.#abandoned;
  }

  isGone(): boolean {
    return this.#abandoned || this.#request.signal.aborted;
  }

  onGone(told: () => void): void {
    const { signal } = this.#request;
    if (signal.aborted) told();
    else signal.addEventListener("abort", told, { once: true });
  }

  /** Notes that no answer of ours will leave, so that no cookie reaches the client, as if it had gone. */
  abandon(): void {
    this.#abandoned = true;
  }
}

/** The status of a WebSocket upgrade. The platform knows the response by its identity, and sends no headers of ours. */
const SWITCHING_PROTOCOLS = 101;

/**
 * The headers that stand on Node's response already, from middleware around the host. The headers of the answer will be
 * laid over them.
 */
export type Below = Pick<ResponseHeaders, "get">;

/**
 * Gives a copy of the response with the headers of a commit. The application may keep its response and return it for
 * many requests, so that headers in the original would carry one user's cookie to the next user.
 */
export function withCommitResult(
  response: Response,
  result: CommitResult,
  below?: Below,
): Response {
  if (result.setCookie === undefined) return withFirstLook(response, result.pages, below);
  return copyWith(response, below, (headers) => applyCommitResult(headers, result));
}

/**
 * Gives the response, or a copy of it, with the headers that it needs because its handler has looked at the session.
 */
export function withFirstLook(
  response: Response,
  pages: PageCaching | undefined,
  below?: Below,
): Response {
  if (isPrivate(headersOf(response))) return response;
  return copyWith(response, below, (headers) => applyFirstLook(headers, pages));
}

/** The type that the platform gives to a body that is a text. A stream has no type, or the handler's own. */
const TEXT = /^text\/plain;charset=utf-8$/i;

/** Gives the response, or a copy of it, with the headers that it needs if its handler may look while it streams. */
export function withLateLook(response: Response, session: HostSession, below?: Below): Response {
  if (!mayStream(response)) return response;
  const { headers } = response;
  if (headers.get("Cache-Control") || headers.get("Content-Length")) return response;
  return session.mayBeSeenLate()
    ? copyWith(response, below, (given) => applyLateLook(given, session.pages))
    : response;
}

/** Whether a handler may still be writing the answer. Of a body, most platforms only tell whether it was a text. */
export function mayStream(answer: unknown): boolean {
  if (!(answer instanceof Response)) return answer instanceof ReadableStream;
  const source = sourceOf(answer);
  if (source !== undefined) return source instanceof ReadableStream;
  return answer.body !== null && !TEXT.test(answer.headers.get("Content-Type") ?? "");
}

function copyWith(
  response: Response,
  below: Below | undefined,
  write: (headers: ResponseHeaders) => void,
): Response {
  if (isAlreadySent(response)) return response;
  if (response.status === SWITCHING_PROTOCOLS || isError(response)) return response;
  return copyWithHeaders(response, below ? (headers) => write(laidOver(below, headers)) : write);
}

function laidOver(below: Below, headers: ResponseHeaders): ResponseHeaders {
  return {
    get: (name) => headers.get(name) ?? below.get(name),
    set: (name, value) => headers.set(name, value),
    append: (name, value) => headers.append(name, value),
  };
}

/** Whether a server leaves the answer to a handler that writes into Node's response. It knows that by the header. */
export function isAlreadySent(response: Response): boolean {
  return Boolean(headersOf(response).get("x-hono-already-sent"));
}

/** Cancels the body of a response that will not be sent, so that its source is closed. */
export function discard(response: Response | undefined): void {
  if (!response) return;
  // A text has nothing to close, and the application may keep its response for another request.
  const body = bodyOf(response);
  if (!(body instanceof ReadableStream)) return;
  body.cancel().catch(() => {}); // A body that is being read already belongs to its reader.
}
