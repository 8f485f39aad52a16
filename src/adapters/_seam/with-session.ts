import { isPending } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { requestStateOf } from "../../core/request/attach.ts";
import type { HostSession } from "../../core/request/host-session.ts";
import { hostSessionsOf } from "../../core/sessions.ts";
import type { AnySessions, HostOptions, SessionOf } from "../../core/types.ts";
import { readHostOptions } from "../_shared/host-options.ts";
import { commitAfter } from "../_web/commit-after.ts";
import type { Answering } from "../_web/commit-after.ts";
import { WebHost, discard, withCommitResult, withLateLook } from "../_web/web-host.ts";

/** Options of {@link withSession}. */
export interface WithSessionOptions extends Pick<HostOptions, "onStoreError"> {
  /**
   * Other objects that the helpers shall take beside the request: the framework's event, context or provider. If one of
   * them has a session already, the request gets that one, and whoever has begun it commits it.
   */
  readonly carriers?: readonly object[] | undefined;
}

/**
 * Gives `run` the session of a request, commits it when `run` has answered, and gives the answer with the cookie and with
 * what caches must know. The answer is copied if it needs a header. It is for frameworks whose middleware gets a
 * `Request` and gives a `Response`.
 *
 * A request that has its session already, such as one that a page makes to its own application, shares it. If the commit
 * fails, the answer is dropped, and the error is the framework's. If `run` throws, its error stays the error; what it has
 * written to a stored session is kept, and no cookie leaves.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @throws ERR_SESSION_STORE, ERR_SESSION_CONFLICT or ERR_SESSION_COOKIE_OVERFLOW if the commit fails
 * @example
 * ```ts
 * import { withSession } from "sojourn/adapter";
 *
 * // A framework's middleware
 * export function middleware(request: Request, next: () => Promise<Response>): Promise<Response> {
 *   return withSession(sessions, request, () => next());
 * }
 * ```
 */
export function withSession<S extends AnySessions, Answer extends Response | undefined>(
  sessions: S,
  request: Request,
  run: (session: SessionOf<S>) => Awaitable<Answer>,
  { carriers = [], ...options }: WithSessionOptions = {},
): Promise<Answer> {
  const hosts = hostSessionsOf(sessions);
  const { anonymousOnError } = readHostOptions(options);
  for (const carrier of carriers) {
    const found = hosts.find(carrier);
    if (found) sessions.lend(found.exposed, request);
  }
  const host = new WebHost(request, anonymousOnError);
  const { session: begun, outermost } = hosts.begin(host, requestStateOf(request));
  for (const carrier of carriers) sessions.lend(begun.exposed, carrier);
  const answer = async (): Promise<Answer> => {
    const fetching = begun.fetch();
    if (isPending(fetching)) await fetching;
    return run(begun.exposed as SessionOf<S>);
  };
  return outermost ? commit(begun, host, answer) : answer();
}

async function commit<Answer extends Response | undefined>(
  begun: HostSession,
  host: WebHost,
  answer: () => Promise<Answer>,
): Promise<Answer> {
  async function answerOrAbandon(): Promise<Answer> {
    try {
      const response = await answer();
      if (!response) host.abandon(); // Without an answer no cookie can be sent.
      return response;
    } catch (error) {
      host.abandon(); // The framework answers, and without our cookie.
      throw error;
    }
  }
  const answering: Answering<Answer> = {
    // A copy of the response has the type of the original.
    apply: (response, result) => response && (withCommitResult(response, result) as Answer),
    leave(response) {
      if (!response) return response;
      const left = withLateLook(response, begun) as Answer & Response;
      host.noteHead(left.headers);
      return left;
    },
    discard,
  };
  return commitAfter(begun, answerOrAbandon, answering);
}
