/** Sojourn for h3 2 and 1. */
import type { Committer } from "../core/request/host.ts";
import type { H3EventContext } from "h3";
import { andThen, recover } from "../core/awaitable.ts";
import { configError } from "../core/errors.ts";
import { requestStateOf, shareRequestState } from "../core/request/attach.ts";
import { hostSessionsOf } from "../core/sessions.ts";
import type { Begun } from "../core/sessions.ts";
import type { AnySessions, HostOptions, Registered } from "../core/types.ts";
import { answer500 } from "./_node/answer-500.ts";
import { createProperty } from "./_shared/request-property.ts";
import { commitAfter } from "./_web/commit-after.ts";
import { watchCache } from "./_web/h3-cache.ts";
import { SocketlessRequests, cookieOf } from "./_web/h3-1-app.ts";
import type { AppEvent, H3App } from "./_web/h3-1-app.ts";
import { PreparedHead } from "./_web/h3-response.ts";
import type { PreparingEvent } from "./_web/h3-response.ts";
import { readHostOptions } from "./_shared/host-options.ts";
import { NodeHost } from "./_node/node-host.ts";
import type { TransportInfo } from "./_node/node-host.ts";
import { WebHost } from "./_web/web-host.ts";

declare module "h3" {
  interface H3EventContext extends Registered {}
}

/**
 * The context of an event. It names h3, so that a compiler of these declarations knows the module that they augment.
 */
type Context = H3EventContext | object;

interface NodeEvent extends AppEvent {
  readonly context: Context;
}

interface WebEvent extends PreparingEvent {
  readonly context: Context;
  readonly req: Request;
  readonly url: URL;
  readonly runtime?: { readonly node?: Partial<NodeEvent["node"]> | undefined } | undefined;
}

/** An event of h3 1 or of h3 2. */
export type H3SessionEvent = NodeEvent | WebEvent;

export interface H3SessionOptions<Event> extends HostOptions {
  /**
   * Answers if the commit failed after the handlers of h3 1, where a middleware cannot reach the application's own
   * onError. In h3 2 it answers if a Node handler has written the answer itself. Default: it reports the error with
   * `console.error` and answers 500.
   */
  readonly onError?: ((error: unknown, event: Event) => void) | undefined;
  /**
   * The application of h3 1, if it also runs without a socket: `toWebHandler`, Nitro 2 and Nuxt 4. Its handler is
   * wrapped, so that what its handlers write is committed before the answer is taken. Without it a session can only be
   * read there.
   */
  readonly app?: H3App | undefined;
}

/**
 * Makes a middleware that gives every request below it a session: for the helpers, and as `event.context.session`. In
 * h3 2 it commits the session when the handlers have answered, and a commit that fails takes h3's own error path. In h3
 * 1 it commits before the first header byte leaves.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * import { H3 } from "h3";
 * import { session } from "sojourn/h3";
 *
 * const app = new H3().use(session(sessions));
 * app.get("/", (event) => getSession(event, "user_id") ?? "nobody");
 * ```
 */
export function session<Event extends H3SessionEvent = H3SessionEvent>(
  sessions: AnySessions,
  options: H3SessionOptions<Event> = {},
): (event: Event, next?: () => unknown) => unknown {
  const hosts = hostSessionsOf(sessions);
  const { onError, app, ...hostOptions } = options;
  if (onError && typeof onError !== "function") throw configError("onError must be a function");
  const { as, fetch, anonymousOnError } = readHostOptions(hostOptions);
  const property = createProperty(as, (context) => context);
  const socketless = app && new SocketlessRequests(app, hosts);

  function begin(event: Event, head: PreparedHead | undefined): Begun {
    const onFirstLook = head && ((committer: Committer): void => head.onFirstLook(committer));
    const node = "node" in event ? event.node : event.runtime?.node;
    const state = requestStateOf(event);
    const taken = socketless?.headOf(event);
    if (taken) {
      const host = new H3WebHost(requestOf(event as AppEvent), anonymousOnError, (committer) =>
        taken.onFirstLook(committer),
      );
      host.hidesCookie = watchCache(event);
      return hosts.begin(host, state, node?.req);
    }
    if (!node?.req || !node.res) {
      // This is h3 2 on another runtime than Node.
      const { req } = event as WebEvent;
      const host = new H3WebHost(req, anonymousOnError, onFirstLook);
      host.hidesCookie = watchCache(event);
      if (head) head.host = host;
      return hosts.begin(host, state, req);
    }
    const { req, res } = node;
    const host = new H3NodeHost({
      request: req,
      response: res,
      state,
      transport: "url" in event ? new EventTransport(event) : undefined,
      anonymousOnError,
      onCommitError: (error) => (onError ? onError(error, event) : answer500(error, req, res)),
      onFirstLook,
    });
    host.hidesCookie = watchCache(event);
    if (!("req" in event)) return host.begin(hosts, req);
    shareRequestState(state, req); // Node's response finds the session by it.
    return host.begin(hosts, event.req);
  }

  // The function has two parameters, because h3 2 counts them.
  return function sojourn(event, next) {
    const head = next && new PreparedHead(event as WebEvent);
    const { session: begun, outermost } = begin(event, head);
    property.set(event.context, requestStateOf(event.context), begun);
    // This is h3 1, whose onError gets the cause of a thrown error.
    if (!next || !head) return fetch ? recover(() => begun.fetch(), wrapped) : undefined;
    const committer = {
      commit: (answer?: unknown) =>
        answer === HANDLED && isOnNode(event) ? undefined : begun.commit(),
    };
    return andThen(fetch ? begun.fetch() : undefined, () =>
      outermost ? commitAfter(committer, next, head.answering(begun)) : next(),
    );
  };
}

/**
 * The value that h3 2 gives for an answer of a Node handler. It sends none of the headers that an event prepares with it,
 * so that Node's response commits before its head leaves.
 */
const HANDLED = Symbol.for("h3.handled");

function isOnNode(event: H3SessionEvent): boolean {
  return "runtime" in event && event.runtime?.node?.res !== undefined;
}

class H3NodeHost extends NodeHost {
  hidesCookie: ((name: string) => boolean) | undefined;
}

class H3WebHost extends WebHost {
  hidesCookie: ((name: string) => boolean) | undefined;
}

/** The request of an event without a socket, as far as it is told. */
function requestOf({ web, node }: AppEvent): Request {
  if (web?.request) return web.request;
  // A platform that calls a function has ended TLS before.
  return new Request("https://localhost/", { headers: { cookie: cookieOf(node.req) } });
}

/** What an event says of its transport. h3 parses `event.url` only when it is read. */
class EventTransport implements TransportInfo {
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
