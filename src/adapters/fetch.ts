/** Sojourn for plain Fetch handlers, `Request` to `Response`: Bun.serve, Deno.serve, workerd, srvx. */
import { requestStateOf } from "../core/request/attach.ts";
import { isPending } from "../core/awaitable.ts";
import type { Awaitable } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import type { HostSession } from "../core/request/host-session.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions } from "../core/types.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { commitAfter } from "./_web/commit-after.ts";
import type { Answering } from "./_web/commit-after.ts";
import { RawHost, nodeOf, nodeOfRequest } from "./_web/raw-host.ts";
import { discard, withCommitResult, withFirstLook, withLateLook } from "./_web/web-host.ts";

/** The options of a Fetch handler. It has no request property to name, and needs an error path. */
export interface FetchSessionOptions<Req, Rest extends readonly unknown[]> extends Omit<
  HostOptions,
  "as"
> {
  /** Answers if the handler or the commit failed. Default: the server gets the error, as a rejection. */
  readonly onError?:
    | ((error: unknown, request: Req, ...rest: Rest) => Awaitable<Response>)
    | undefined;
}

/**
 * Makes a handler whose inner handler may pass its `Request` to the helpers. Other arguments of the server (`env`,
 * `ctx`, `server`) are passed on. It commits the session when the inner handler has answered. If that gives
 * `undefined`, as in Bun after an upgrade, there is no answer and no cookie can be sent.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * import { session } from "sojourn/fetch";
 *
 * const handler = session(sessions, (request) => {
 *   return new Response(getSession(request, "user_id") ?? "nobody");
 * });
 * export default { fetch: handler };
 * ```
 */
export function session<
  Req extends Request = Request,
  Rest extends readonly unknown[] = [],
  Answer extends Response | undefined = Response,
>(
  sessions: AnySessions,
  handler: (request: Req, ...rest: Rest) => Awaitable<Answer>,
  options: FetchSessionOptions<Req, Rest> = {},
): (request: Req, ...rest: Rest) => Promise<Answer | Response> {
  const hosts = hostSessionsOf(sessions);
  const { onError, ...hostOptions } = options;
  if (typeof handler !== "function" || (onError && typeof onError !== "function")) {
    throw configError(
      "session(sessions, handler, { onError? }) takes functions as handler and onError",
    );
  }
  if ("as" in hostOptions) {
    throw configError("as names a property, and a Request has none; the helpers find the session");
  }
  const { fetch, anonymousOnError } = readHostOptions(hostOptions);

  async function answer(begun: HostSession, request: Req, rest: Rest): Promise<Answer> {
    const fetching = fetch ? begun.fetch() : undefined;
    if (isPending(fetching)) await fetching;
    return handler(request, ...rest);
  }

  return async function sojourn(request, ...rest) {
    const node = nodeOf(rest[0]) ?? nodeOfRequest(request);
    const host = new RawHost(request, request, node, anonymousOnError);
    const { session: begun, outermost } = hosts.begin(host, requestStateOf(request));
    // The handler further out commits, but it may have left the fetch to this one.
    if (!outermost) return answer(begun, request, rest);
    host.prepare();
    const recovered = onError && ((error: unknown) => onError(error, request, ...rest));

    async function answerOrRecover(): Promise<Answer | Response> {
      try {
        const response = await answer(begun, request, rest);
        if (!response && !host.isRaw) host.abandon(); // Without an answer no cookie can be sent.
        return response;
      } catch (error) {
        if (recovered) return recovered(error);
        // The server answers a rejection itself, without our cookie. A write to an existing row is kept all the same.
        host.abandon();
        throw error;
      }
    }

    const committer = { commit: (response?: Response) => host.commit(begun, response) };
    let isCommitting = false;
    const answering: Answering<Answer | Response> = {
      apply: (response, result) => response && withCommitResult(response, result, host.below),
      leave(response) {
        if (!response) return response;
        const left = withLateLook(response, begun, host.below);
        host.noteHead(left.headers);
        return left;
      },
      discard(response) {
        isCommitting = true;
        discard(response);
      },
    };
    try {
      return await commitAfter(committer, answerOrRecover, answering);
    } catch (error) {
      // `onError` has been called with the handler's error already.
      if (isCommitting && recovered)
        return withFirstLook(await recovered(error), begun.pages, host.below);
      throw error;
    }
  };
}
