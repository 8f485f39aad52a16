/** Sojourn for Hono 4, on every runtime that has Node's crypto. */
import type { PageCaching } from "../core/cookie/response-headers.ts";
import type { Committer } from "../core/request/host.ts";
import type { Context, MiddlewareHandler } from "hono";
import { isPending } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import { requestStateOf, shareRequestState } from "../core/request/attach.ts";
import type { RequestState } from "../core/request/attach.ts";
import type { HostSession } from "../core/request/host-session.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered, SessionOf } from "../core/types.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { hasSharedHead } from "./_node/late-look.ts";
import { patchResponse } from "./_node/response-methods.ts";
import { commitAfter } from "./_web/commit-after.ts";
import type { Answering } from "./_web/commit-after.ts";
import { RawHost, belowOf, nodeOf } from "./_web/raw-host.ts";
import { isUsed } from "./_web/response-body.ts";
import { discard, withCommitResult, withFirstLook, withLateLook } from "./_web/web-host.ts";

declare module "hono" {
  interface ContextVariableMap extends Registered {}
}

/** The variables that the middleware adds to a Hono application's environment. */
export type SessionEnv<S extends AnySessions, As extends string = "session"> = {
  Variables: Record<As, SessionOf<S>>;
};

/**
 * Makes a middleware that gives every request below it a session: for the helpers, and as `c.var.session`. It commits
 * the session when the handler has answered. If the commit fails, the error takes Hono's own path, `app.onError`.
 * @throws ERR_SESSION_CONFIG if an option cannot work
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
    const state = requestStateOf(c);
    const { session: begun, outermost } = hosts.begin(host, state, c.req.raw);
    const taken: unknown = c.get(as);
    if (taken === undefined) c.set(as, begun.exposed);
    else if (outermost || taken !== begun.exposed) {
      throw configError(`c.var.${as} is taken; use session(sessions, { as: "…" })`);
    }
    const fetching = fetch ? begun.fetch() : undefined;
    if (isPending(fetching)) await fetching;
    // The middleware further out commits, but it may have left the fetch to this one.
    if (!outermost) return next();
    host.prepare();
    host.watchNode(state);
    const committer = { commit: () => host.commit(begun, c.res) };
    return commitAfter(committer, next, answeringOf(c, host, begun));
  };
}

/** Gives the steps with which Hono answers. Hono keeps the answer in its context. */
function answeringOf(c: Context, host: HonoHost, begun: HostSession): Answering<void> {
  return {
    apply(_, result) {
      const response = withCommitResult(c.res, result, host.below);
      if (response !== c.res) replace(c, response);
    },
    leave() {
      if (host.node) return; // Node's response knows whether the body comes with the head.
      const response = withLateLook(c.res, begun);
      if (response !== c.res) replace(c, response);
      host.noteHead(response.headers);
    },
    discard: () => forget(c),
  };
}

class HonoHost extends RawHost {
  readonly #context: Context;

  constructor(context: Context, anonymousOnError: boolean) {
    super(context, context.req.raw, nodeOf(context.env), anonymousOnError);
    this.#context = context;
  }

  /** Lets Node's response make a page private that streams before anybody has looked at the session. */
  watchNode(state: RequestState): void {
    if (!this.node?.incoming.headers.cookie) return;
    const { incoming, outgoing } = this.node;
    shareRequestState(state, incoming);
    patchResponse(outgoing);
  }

  override onFirstLook(committer: Committer): boolean {
    const c = this.#context;
    // A body that a middleware has read is about to be replaced, and the next response is completed.
    if (c.finalized && !isUsed(c.res))
      replace(c, withFirstLook(c.res, committer.pages, this.below));
    completeResponses(c, committer.pages);
    return super.onFirstLook(committer);
  }

  override hasSharedHead(): boolean {
    return this.node ? hasSharedHead(this.node.outgoing) : super.hasSharedHead();
  }
}

/**
 * From the first look on, writes the private headers into every response as soon as it becomes the answer. So a cache
 * between the middleware and the handler sees them, even on a Response that the handler has made without Hono.
 */
function completeResponses(c: Context, pages: PageCaching | undefined): void {
  const prototype = Object.getPrototypeOf(c) as object;
  let completion = completions.get(pages);
  if (completion?.prototype !== prototype) {
    completion = completionOf(prototype, pages);
    if (!completion) return;
    completions.set(pages, completion);
  }
  Object.defineProperty(c, "res", completion.property);
}

interface Completion {
  readonly prototype: object;
  readonly property: PropertyDescriptor;
}

/** The last one for each option. All contexts share it, so that V8 makes no hidden class for each of them. */
const completions = new Map<PageCaching | undefined, Completion>();

/** Makes a property `res` of contexts with this prototype, which completes what it is given. */
function completionOf(prototype: object, pages: PageCaching | undefined): Completion | undefined {
  const plain = Object.getOwnPropertyDescriptor(prototype, "res");
  if (!plain?.set) return undefined;
  const property: PropertyDescriptor & ThisType<Context> = {
    ...plain,
    set(response: Response | undefined) {
      plain.set?.call(this, response && withFirstLook(response, pages, belowOf(nodeOf(this.env))));
    },
  };
  return { prototype, property };
}

/** Removes the headers and the status that the handler has set, which Hono would copy to the answer of an error. */
function forget(c: Context): void {
  discard(c.res);
  replace(c, new Response());
  c.status(200);
}

function replace(c: Context, response: Response): void {
  c.res = undefined; // Only then does Hono take the next response as it is.
  c.res = response;
}
