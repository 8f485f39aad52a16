/** Sojourn for Express 5 and 4. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isPending } from "../core/awaitable.ts";
import { requestStateOf } from "../core/request/attach.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered } from "../core/types.ts";
import { createProperty } from "./_shared/request-property.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { prepareExpress, requestPrototype } from "./_node/express-objects.ts";
import { NodeHost } from "./_node/node-host.ts";
import type { TransportInfo } from "./_node/node-host.ts";

declare global {
  // Express reads its request type from this namespace.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    interface Request extends Registered {}
  }
}

/**
 * Makes a middleware that gives every request below it a session: for the helpers, and as `req.session`. It commits the
 * session before the first header byte leaves. If the commit fails, `next(error)` gets the error.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * import express from "express";
 * import { session } from "sojourn/express";
 *
 * const app = express().use(session(sessions));
 * app.get("/", (req, res) => res.send(getSession(req, "user_id") ?? "nobody"));
 * ```
 */
export function session(
  sessions: AnySessions,
  options?: HostOptions,
): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void {
  const hosts = hostSessionsOf(sessions);
  const { as, fetch, anonymousOnError } = readHostOptions(options);
  const property = createProperty(as, requestPrototype);
  return function sojourn(req, res, next) {
    prepareExpress(req, res);
    const state = requestStateOf(req);
    const host = new NodeHost({
      request: req,
      response: res,
      state,
      transport: req as TransportInfo, // Express judges by its `trust proxy` setting.
      anonymousOnError,
      onCommitError: next,
    });
    const { session: begun } = host.begin(hosts);
    property.set(req, state, begun);
    const fetching = fetch ? begun.fetch() : undefined;
    if (isPending(fetching)) fetching.then(() => next(), next);
    else next();
  };
}
