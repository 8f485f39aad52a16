/** Sojourn for listeners of `node:http`, `node:https` and `node:http2`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { requestStateOf } from "../core/request/attach.ts";
import { andThen, isPending, recover } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions } from "../core/types.ts";
import { answer500 } from "./_node/answer-500.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { NodeHost } from "./_node/node-host.ts";
import type { NodeRequest, NodeResponse, TransportInfo } from "./_node/node-host.ts";

/** The options of a listener. It has no request property to name, and needs an error path. */
export interface NodeSessionOptions<Req, Res> extends Omit<HostOptions, "as"> {
  /**
   * Answers if the commit or the handler failed. Default: it reports the error with `console.error` and answers 500.
   */
  readonly onError?: ((error: unknown, req: Req, res: Res) => void) | undefined;
}

/**
 * Makes a listener `(req, res)` whose handler may pass `req` to the helpers. It commits the session before the first
 * header byte leaves.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { session } from "sojourn/node";
 *
 * createServer(
 *   session(sessions, (request, response) => {
 *     response.end(getSession(request, "user_id") ?? "nobody");
 *   }),
 * ).listen(3000);
 * ```
 */
export function session<
  Req extends NodeRequest = IncomingMessage,
  Res extends NodeResponse = ServerResponse,
>(
  sessions: AnySessions,
  handler: (req: Req, res: Res) => unknown,
  options: NodeSessionOptions<Req, Res> = {},
): (req: Req, res: Res) => void {
  const hosts = hostSessionsOf(sessions);
  const { onError = answer500, ...hostOptions } = options;
  if (typeof handler !== "function" || typeof onError !== "function") {
    throw configError(
      "session(sessions, handler, { onError? }) takes functions as handler and onError",
    );
  }
  if ("as" in hostOptions) {
    throw configError(
      "as names a property, and a plain request has none; the helpers find the session",
    );
  }
  const { fetch, anonymousOnError } = readHostOptions(hostOptions);
  return (req, res) => {
    const failed = (error: unknown): void =>
      // An error path that fails itself must not end the process.
      void recover<unknown>(
        () => onError(error, req, res),
        (another) => answer500(another, req, res),
      );
    const host = new NodeHost({
      request: req,
      response: res,
      state: requestStateOf(req),
      transport: req as TransportInfo, // A framework above `node:http` may know of a proxy that it trusts.
      anonymousOnError,
      onCommitError: failed,
    });
    const { session: begun, outermost } = host.begin(hosts);
    function run(): unknown {
      const running = handler(req, res);
      // A handler that gives no promise may go on in callbacks, and its end is unknown.
      if (!outermost || !isPending(running)) return running;
      return andThen(
        recover<unknown>(() => running, failed),
        () => begun.handlerEnded(),
      );
    }
    void recover(() => andThen<unknown, unknown>(fetch ? begun.fetch() : undefined, run), failed);
  };
}
