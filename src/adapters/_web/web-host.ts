import { applyCommitResult } from "../../core/cookie/response-headers.ts";
import type { CommitResult } from "../../core/cookie/response-headers.ts";
import type { Host } from "../../core/request/host.ts";
import { isInsecureUrl } from "../../core/cookie/local-host.ts";

/** A `Request` of the Fetch standard, for the hosts that are built on it. They commit after the handler. */
export class WebHost implements Host {
  readonly anonymousOnError: boolean;
  readonly #request: Request;
  readonly #onFirstLook: (() => void) | undefined;
  #abandoned = false;

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

  isInsecure(): boolean {
    return isInsecureUrl(this.#request.url);
  }

  isGone(): boolean {
    return this.#abandoned || this.#request.signal.aborted;
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
  // `Response.error()` has no copy either; the server answers it with an error of its own.
  if (response.status === SWITCHING_PROTOCOLS || response.type === "error") return response;
  const copy = new Response(response.body, response);
  applyCommitResult(copy.headers, result);
  return copy;
}

/** Closes what stands behind the body of a response that nobody will read. */
export function discard(response: Response | undefined): void {
  response?.body?.cancel().catch(() => {}); // A body that is being read already is its reader's.
}
