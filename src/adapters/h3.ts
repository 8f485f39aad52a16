/** Sojourn for h3 2 and 1. */
import type { H3EventContext } from "h3";
import { chain, rescue } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import type { Host } from "../core/request/session.ts";
import { filterOf } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered } from "../core/types.ts";
import { answer500 } from "./_node/answer-500.ts";
import { createProperty } from "./_shared/request-property.ts";
import { commitAround } from "./_web/h3-response.ts";
import type { PreparingEvent } from "./_web/h3-response.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { NodeHost } from "./_node/node-host.ts";
import type { Judge, NodeRequest, NodeResponse } from "./_node/node-host.ts";
import { WebHost } from "./_web/web-host.ts";

declare module "h3" {
  interface H3EventContext extends Registered {}
}

/** h3 is named, so that whoever reads these declarations knows the module that they augment. */
type Context = H3EventContext | object;

interface NodeEvent {
  readonly context: Context;
  readonly node: { readonly req: NodeRequest; readonly res: NodeResponse };
}

interface WebEvent extends PreparingEvent {
  readonly context: Context;
  readonly req: Request;
  readonly url: URL;
  readonly runtime?: { readonly node?: Partial<NodeEvent["node"]> | undefined } | undefined;
}

/** An event of h3 1 or of h3 2. */
export type SessionEvent = NodeEvent | WebEvent;

export interface SessionEventOptions<Event> extends HostOptions {
  /**
   * Answers when the commit failed after the handlers of h3 1, where a middleware has no way to the application's
   * own onError; also in h3 2, when a Node handler has written the answer itself. Default: reports the error with
   * `console.error` and answers 500.
   */
  readonly onError?: ((error: unknown, event: Event) => void) | undefined;
}

/**
 * Middleware that gives every request below it a session: for the helpers, and as `event.context.session`. In
 * h3 2 the session is committed when the handlers have answered, and a commit that fails takes h3's own error
 * path; in h3 1 before the first header byte leaves.
 * @throws ERR_SESSION_CONFIG for options that cannot work
 */
export function session<Event extends SessionEvent = SessionEvent>(
  sessions: AnySessions,
  options: SessionEventOptions<Event> = {},
): (event: Event, next?: () => unknown) => unknown {
  const filter = filterOf(sessions);
  const { onError, ...hostOptions } = options;
  if (onError && typeof onError !== "function") throw configError("onError must be a function");
  const { as, fetch, anonymousOnError } = readHostOptions(hostOptions);
  const property = createProperty(as, (context) => context);

  function hostOf(event: Event, looked?: () => void): Host {
    const node = "node" in event ? event.node : event.runtime?.node;
    if (!node?.req || !node.res) {
      // h3 2 on another runtime than Node.
      return new WebHost((event as WebEvent).req, anonymousOnError, looked);
    }
    const { req, res } = node;
    const failed = (error: unknown): void =>
      onError ? onError(error, event) : answer500(error, req, res);
    const judge = "url" in event ? new EventJudge(event) : {};
    return new NodeHost(req, res, failed, anonymousOnError, judge, looked);
  }

  // Two parameters: h3 2 counts them.
  return function sojourn(event, next) {
    const outer = filter.find(event);
    const before: string[] = [];
    const looked =
      next && ((): void => void before.push(...(event as WebEvent).res.headers.keys()));
    const begun =
      outer ??
      filter.begin(hostOf(event, looked), event, "req" in event ? event.req : event.node.req);
    property.set(event.context, begun);
    // h3 1. Its onError is shown the cause of what is thrown.
    if (!next) return fetch ? rescue(() => begun.fetch(), wrapped) : undefined;
    return chain(fetch ? begun.fetch() : undefined, () =>
      outer ? next() : commitAround(begun, event as WebEvent, before, next),
    );
  };
}

/** `event.url` is parsed when it is asked for. */
class EventJudge implements Judge {
  readonly #event: WebEvent;

  constructor(event: WebEvent) {
    this.#event = event;
  }

  get secure(): boolean {
    return this.#event.url.protocol === "https:";
  }
}

function wrapped(cause: unknown): never {
  throw new Error("the session could not be fetched", { cause });
}
