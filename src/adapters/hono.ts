/** Sojourn for Hono 4, on every runtime that has Node's crypto. */
import type { Context, MiddlewareHandler } from "hono";
import { isPending } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import { applyFirstLook } from "../core/cookie/response-headers.ts";
import { requestStateOf } from "../core/request/attach.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered, SessionOf } from "../core/types.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { isGone } from "./_node/response-head.ts";
import type { NodeRequest, NodeResponse } from "./_node/node-host.ts";
import { commitAfter } from "./_web/commit-after.ts";
import type { Answering } from "./_web/commit-after.ts";
import { WebHost, discard, withCommitResult } from "./_web/web-host.ts";

declare module "hono" {
  interface ContextVariableMap extends Registered {}
}

/** What the middleware adds to a Hono application's environment. */
export type SessionEnv<S extends AnySessions, As extends string = "session"> = {
  Variables: Record<As, SessionOf<S>>;
};

/**
 * Middleware that gives every request below it a session: for the helpers, and as `c.var.session`. The session
 * is committed when the handler has answered; when that fails, the error takes Hono's own path, `app.onError`.
 * @throws ERR_SESSION_CONFIG for options that cannot work
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { session } from "sojourn/hono";
 *
 * const app = new Hono().use(session(sessions));
 * app.get("/", (c) => c.text(getSession(c, "user_id") ?? "nobody"));
 * ```
 */
export function session<S extends AnySessions, const As extends string = "session">(
  sessions: S,
  options?: Omit<HostOptions, "as"> & { readonly as?: As | undefined },
): MiddlewareHandler<SessionEnv<S, As>> {
  const hosts = hostSessionsOf(sessions);
  const { as, fetch, anonymousOnError } = readHostOptions(options);
  return async function sojourn(c: Context, next) {
    const host = new HonoHost(c, anonymousOnError);
    const { session: begun, outermost } = hosts.begin(host, requestStateOf(c), c.req.raw);
    if (outermost) {
      if (c.get(as) !== undefined) {
        throw configError(`c.var.${as} is taken; use session(sessions, { as: "…" })`);
      }
      c.set(as, begun.exposed);
    }
    const fetching = fetch ? begun.fetch() : undefined;
    if (isPending(fetching)) await fetching;
    // The middleware further out commits, but may have left the fetching to this one.
    return outermost ? commitAfter(begun, next, answeringOf(c)) : next();
  };
}

/** Hono keeps the answer in its context. */
function answeringOf(c: Context): Answering<void> {
  return {
    apply(_, result) {
      const response = withCommitResult(c.res, result);
      if (response !== c.res) replace(c, response);
    },
    discard: () => forget(c),
  };
}

/** What Hono's adapter for Node gives as `c.env`; other runtimes give their own. */
interface NodeBindings {
  readonly incoming?: NodeRequest;
  readonly outgoing?: NodeResponse;
}

class HonoHost extends WebHost {
  readonly #context: Context;

  constructor(context: Context, anonymousOnError: boolean) {
    super(context.req.raw, anonymousOnError);
    this.#context = context;
  }

  override onFirstLook(): boolean {
    const c = this.#context;
    applyFirstLook({
      get: (name) => (c.finalized ? c.res.headers.get(name) : undefined),
      set: (name, value) => c.header(name, value),
      append: (name, value) => c.header(name, value, { append: true }),
    });
    return super.onFirstLook();
  }

  /** Node's response knows as much as the request's signal, for which a whole Request would be made. */
  override isGone(): boolean {
    const { incoming, outgoing } = (this.#context.env ?? {}) as NodeBindings;
    if (incoming && outgoing?.req === incoming) return isGone(outgoing);
    return super.isGone();
  }
}

/** Hono copies the headers and the status that a handler has set to the answer of an error. */
function forget(c: Context): void {
  discard(c.res);
  replace(c, new Response());
  c.status(200);
}

function replace(c: Context, response: Response): void {
  c.res = undefined; // Only then is the next one taken as it is.
  c.res = response;
}
