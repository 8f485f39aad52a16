/** Sojourn for plain Fetch handlers, `Request` to `Response`: Bun.serve, Deno.serve, workerd, srvx. */
import type { Outcome } from "../core/cookie/response-headers.ts";
import { isPending, rescue } from "../core/awaitable.ts";
import type { Awaitable } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import type { RequestSession } from "../core/request/session.ts";
import { filterOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions } from "../core/types.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { WebHost, discard, withOutcome } from "./_web/web-host.ts";

/** Options of a handler: it has no property to be called, but an error path to be told. */
export interface HandlerOptions<Req, Rest extends readonly unknown[]> extends Omit<
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
 */
export function session<
  Req extends Request = Request,
  Rest extends readonly unknown[] = [],
  Answer extends Response | undefined = Response,
>(
  sessions: AnySessions,
  handler: (request: Req, ...rest: Rest) => Awaitable<Answer>,
  options: HandlerOptions<Req, Rest> = {},
): (request: Req, ...rest: Rest) => Promise<Answer | Response> {
  const filter = filterOf(sessions);
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

  async function answer(begun: RequestSession, request: Req, rest: Rest): Promise<Answer> {
    const fetching = fetch ? begun.fetch() : undefined;
    if (isPending(fetching)) await fetching;
    return handler(request, ...rest);
  }

  return async function sojourn(request, ...rest) {
    const outer = filter.find(request);
    // The filter further out commits, but may have left the fetching to this one.
    if (outer) return answer(outer, request, rest);
    const host = new WebHost(request, anonymousOnError);
    const begun = filter.begin(host, request);
    let response: Answer | Response;
    try {
      response = await answer(begun, request, rest);
    } catch (error) {
      if (onError) response = await onError(error, request, ...rest);
      else return abandon(host, begun, error);
    }
    if (!response) host.abandon();
    let outcome: Outcome | undefined;
    try {
      const committing = begun.commit();
      outcome = isPending(committing) ? await committing : committing;
    } catch (error) {
      discard(response);
      if (onError) return onError(error, request, ...rest);
      throw error;
    }
    return response && outcome ? withOutcome(response, outcome) : response;
  };
}

/** The server answers a rejection itself, without our cookie: what is written to an existing row is kept. */
async function abandon(host: WebHost, begun: RequestSession, error: unknown): Promise<never> {
  host.abandon();
  // The handler's error is the one to mend.
  await rescue<unknown>(
    () => begun.commit(),
    () => undefined,
  );
  throw error;
}
