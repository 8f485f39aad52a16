/**
 * h3 1 without a socket: `toWebHandler`, the presets of Nitro 2 for serverless platforms, and the requests that an
 * application makes to itself. The caller takes what stands in an imitation of Node's response as soon as the
 * application's handler is done. So the sessions are committed between the two.
 */
import type { PageCaching } from "../../core/cookie/response-headers.ts";
import type { Committer } from "../../core/request/host.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { recover } from "../../core/awaitable.ts";
import {
  applyCommitResult,
  applyFirstLook,
  applyLateLook,
} from "../../core/cookie/response-headers.ts";
import { configError, describe } from "../../core/errors.ts";
import { requestStateOf, shareRequestState } from "../../core/request/attach.ts";
import type { HostSessions } from "../../core/sessions.ts";
import type { NodeRequest, NodeResponse } from "../_node/node-host.ts";
import { HeadersOf, forgetHead, hasNoHead } from "../_node/response-head.ts";
import { commitAfter } from "./commit-after.ts";
import type { Answering } from "./commit-after.ts";
import { mayStream } from "./web-host.ts";

/** An application of h3 1. */
export interface H3App {
  // h3 declares it in this way, and each version's event is its own.
  // oxlint-disable-next-line typescript/no-explicit-any
  handler: (event: any) => any;
}

/** An event of h3 1. */
export interface AppEvent {
  readonly context: object;
  readonly node: { readonly req: NodeRequest; readonly res: NodeResponse };
  readonly web?: { readonly request?: Request } | undefined;
  _handled?: boolean;
}

/** The fields of the imitation: h3 writes them, and its callers read them. */
interface Imitation {
  _data: unknown;
  headersSent: boolean;
  writableEnded: boolean;
  writableFinished: boolean;
}

/** What keeps a request whose answer is taken from an imitation. */
export class SocketlessHead {
  readonly #event: AppEvent;
  /** The names of the headers that stood before the handler looked at its session, and so are not the handler's. */
  #before: readonly string[] = [];

  #pages: PageCaching | undefined;

  constructor(event: AppEvent) {
    this.#event = event;
  }

  onFirstLook({ pages }: Committer): void {
    this.#pages = pages;
    this.#before = this.#event.node.res.getHeaderNames();
    applyFirstLook(this.#headers, pages);
  }

  answering(sessions: HostSessions): Answering<unknown> {
    return {
      apply: (answer, result) => {
        applyCommitResult(this.#headers, result);
        return answer;
      },
      leave: (answer) => {
        const isLate = mayStream(this.#imitation._data);
        const session = isLate ? sessions.find(this.#event) : undefined;
        if (session?.mayBeSeenLate()) applyLateLook(this.#headers, session.pages);
        return answer;
      },
      applyToError: (_error, result) => applyCommitResult(this.#headers, result),
      discard: () => this.#discard(),
    };
  }

  get #headers(): HeadersOf {
    return new HeadersOf(this.#event.node.res);
  }

  get #imitation(): Imitation {
    return this.#event.node.res as unknown as Imitation;
  }

  /** Takes the whole answer back, so that h3 writes that of the error. */
  #discard(): void {
    const { _data: data } = this.#imitation;
    if (data instanceof ReadableStream) data.cancel().catch(() => {});
    else (data as { destroy?: () => void } | undefined)?.destroy?.();
    Object.assign(this.#imitation, {
      _data: undefined,
      headersSent: false,
      writableEnded: false,
      writableFinished: false,
    });
    this.#event._handled = false;
    forgetHead(this.#event.node.res, this.#before);
    applyFirstLook(this.#headers, this.#pages);
  }
}

/** The requests of one application of h3 1, for one `createSessions`. */
export class SocketlessRequests {
  readonly #heads = new WeakMap<object, SocketlessHead>();
  readonly #running = new AsyncLocalStorage<AppEvent>();

  /** Puts itself around the application's handler. @throws ERR_SESSION_CONFIG for what is no application of h3 1 */
  constructor(app: H3App, sessions: HostSessions) {
    const { handler } = (app ?? {}) as Partial<H3App>;
    if (typeof handler !== "function") {
      throw configError(
        `app must be an application of h3 1, from createApp(), got ${describe(app)}`,
      );
    }
    app.handler = (event: AppEvent): unknown => {
      const run = (): unknown => this.#running.run(event, () => handler(event) as unknown);
      if (!hasNoHead(event.node.res)) return run();
      const outer = this.#running.getStore();
      if (outer) {
        lend(outer, event);
        return run();
      }
      const head = new SocketlessHead(event);
      this.#heads.set(event, head);
      const committer = { commit: () => recover(() => sessions.find(event)?.commit(), wrapped) };
      return commitAfter(committer, run, head.answering(sessions));
    };
  }

  /** The head of a request that is committed here. */
  headOf(event: object): SocketlessHead | undefined {
    return this.#heads.get(event);
  }
}

/** h3 1 shows its onError the cause of an error. */
function wrapped(cause: unknown): never {
  throw new Error("the session could not be committed", { cause });
}

/**
 * Lends the session to a request that the application makes to itself for the same visitor. Its answer goes to the
 * application, and a cookie in there would be lost.
 */
function lend(outer: AppEvent, event: AppEvent): void {
  const cookie = cookieOf(event.node.req);
  if (cookie !== cookieOf(outer.node.req)) return;
  // `event.$fetch` passes the context on. Without it, and without a cookie, the application asks as nobody.
  const { __unenv__: context } = event.node.req as { readonly __unenv__?: unknown };
  if (cookie === "" && context !== outer.context) return;
  const state = requestStateOf(outer);
  shareRequestState(state, event);
  shareRequestState(state, event.node.req);
}

/** The Cookie header of a request; an imitation may have several, and give them as they came. */
export function cookieOf({ headers }: NodeRequest): string {
  return [headers.cookie ?? []].flat().join("; ");
}
