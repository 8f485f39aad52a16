/** Sojourn for Koa 3 and 2. */
import type { DefaultState, Middleware } from "koa";
import { requestStateOf } from "../core/request/attach.ts";
import { isPending } from "../core/awaitable.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered, SessionOf } from "../core/types.ts";
import { createProperty } from "./_shared/request-property.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { NodeHost } from "./_node/node-host.ts";

declare module "koa" {
  interface DefaultContext extends Registered {}
}

/**
 * Makes a middleware that gives every request below it a session: for the helpers, and as `ctx.session`. It commits the
 * session before the first header byte leaves. The answer to an error carries the cookie as well, although Koa removes
 * every header that a middleware has set. A commit that fails goes to `ctx.onerror`, which tells `app.on("error")`.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * import Koa from "koa";
 * import { session } from "sojourn/koa";
 *
 * const app = new Koa().use(session(sessions));
 * app.use((ctx) => {
 *   ctx.body = ctx.session.get("user_id") ?? "nobody";
 * });
 * ```
 */
export function session<S extends AnySessions, const As extends string = "session">(
  sessions: S,
  options?: Omit<HostOptions, "as"> & { readonly as?: As | undefined },
): Middleware<DefaultState, Record<As, SessionOf<S>>> {
  const hosts = hostSessionsOf(sessions);
  const { as, fetch, anonymousOnError } = readHostOptions(options);
  // Koa makes a prototype for the contexts of each application.
  const property = createProperty(as, (ctx) => Object.getPrototypeOf(ctx) as object);
  return async function sojourn(ctx, next) {
    const state = requestStateOf(ctx);
    const host = new NodeHost({
      request: ctx.req,
      response: ctx.res,
      state,
      transport: ctx, // `ctx.secure` judges by `app.proxy`.
      anonymousOnError,
      onCommitError: (error) => ctx.onerror(error as Error),
    });
    const { session: begun, outermost } = host.begin(hosts, ctx.req);
    property.set(ctx, state, begun);
    const fetching = fetch ? begun.fetch() : undefined;
    if (isPending(fetching)) await fetching;
    try {
      await next();
    } finally {
      // Koa does not answer a client that has gone.
      if (outermost) begun.handlerEnded();
    }
  };
}
