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
import {
  WebHost,
  discard,
  withCommitResult,
  withFirstLook,
  withLateLook,
} from "./_web/web-host.ts";

/** Options of a handler: it has no property to be called, but an error path to be told. */
export interface FetchSessionOptions<Req, Rest extends readonly unknown[]> extends Omit<
  HostOptions,
  "as"
> {
  /** Answers when the handler or the commit failed. Default: the error goes on to the server, as a rejection. */
  readonly onError?:
    | ((error: unknown, request: Req, ...rest: Rest) => Awaitable<Response>)
    | undefined;
}

/**
 * A handler whose inner handler may pass its `Request` to the helpers. Whatever else the server gives (`env`,
 * `ctx`, `server`) is passed on. The session is committed when the handler has answered. A handler that gives
 * `undefined`, such as Bun's after an upgrade, is no answer: no cookie can be sent.
 * @throws ERR_SESSION_CONFIG for options that cannot work
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
    const host = new WebHost(request, anonymousOnError);
    const { session: begun, outermost } = hosts.begin(host, requestStateOf(request));
    // The handler further out commits, but may have left the fetching to this one.
    if (!outermost) return answer(begun, request, rest);
    const recovered = onError && ((error: unknown) => onError(error, request, ...rest));

    async function answerOrRecover(): Promise<Answer | Response> {
      try {
        const response = await answer(begun, request, rest);
        if (!response) host.abandon(); // No answer, no cookie.
        return response;
      } catch (error) {
        if (recovered) return recovered(error);
        // The server answers a rejection itself, without our cookie: what is written to an existing row is kept.
        host.abandon();
        throw error;
      }
    }

    let isCommitting = false;
    const answering: Answering<Answer | Response> = {
      apply: (response, result) => response && withCommitResult(response, result),
      leave(response) {
        if (!response) return response;
        const left = withLateLook(response, begun);
        host.noteHead(left.headers);
        return left;
      },
      discard(response) {
        isCommitting = true;
        discard(response);
      },
    };
    try {
      return await commitAfter(begun, answerOrRecover, answering);
    } catch (error) {
      // Of the handler's error `onError` has been told already.
      if (isCommitting && recovered) return withFirstLook(await recovered(error));
      throw error;
    }
  };
}
