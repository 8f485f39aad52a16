import type { Awaitable } from "../../core/awaitable.ts";
import type { CommitResult } from "../../core/cookie/response-headers.ts";
import { requestStateOf } from "../../core/request/attach.ts";
import type { HostSession } from "../../core/request/host-session.ts";
import type { Committer } from "../../core/request/host.ts";
import { onGone } from "../_node/on-gone.ts";
import { RawAnswer } from "../_node/raw-answer.ts";
import type { NodePair } from "../_node/raw-answer.ts";
import { HeadersOf, isGone, isHeadSent, isHttp2 } from "../_node/response-head.ts";
import { patchResponse } from "../_node/response-methods.ts";
import { WebHost, isAlreadySent } from "./web-host.ts";
import type { Below } from "./web-host.ts";

/** A request whose handler may answer on Node's response, past its host. */
export class RawHost extends WebHost {
  /** `undefined` on other servers than Node's. */
  readonly node: NodePair | undefined;
  readonly #conn: object;
  /** From the first look on. */
  #raw: RawAnswer | undefined;

  /** @param conn what the handler passes to the helpers */
  constructor(
    conn: object,
    request: Request,
    node: NodePair | undefined,
    anonymousOnError: boolean,
  ) {
    super(request, anonymousOnError);
    this.#conn = conn;
    this.node = node;
  }

  /** Makes the response ready before the handler runs, where that cannot be done at the first look. */
  prepare(): void {
    if (this.node && isHttp2(this.node.outgoing)) patchResponse(this.node.outgoing);
  }

  override onFirstLook(committer: Committer): boolean {
    if (!this.node) return super.onFirstLook(committer);
    this.#raw = new RawAnswer(this.node, committer);
    return this.#raw.watch(requestStateOf(this.#conn));
  }

  /**
   * Whether the client has gone. Node's response knows it, too, and the request's signal would cost a whole Request.
   */
  override isGone(): boolean {
    if (!this.node) return super.isGone();
    return this.isAbandoned || isGone(this.node.outgoing) || this.#isAnswered();
  }

  override onGone(told: () => void): void {
    if (this.node) onGone(this.node.outgoing, told);
    else super.onGone(told);
  }

  /** What stands on Node's response already. */
  get below(): Below | undefined {
    return belowOf(this.node);
  }

  /** Whether a handler has written into Node's response. */
  get isRaw(): boolean {
    return this.#raw?.hasBegun ?? false;
  }

  /** Commits after the handler. If the handler answers on Node's response, the session is committed before that head. */
  commit(
    session: HostSession,
    response: Response | undefined,
  ): Awaitable<CommitResult | undefined> {
    const raw = this.#raw;
    if (!raw) return session.commit();
    if (raw.hasBegun) return raw.settle();
    if (response && isAlreadySent(response) && !this.#isAnswered()) {
      session.handlerEnded();
      return undefined;
    }
    raw.release();
    return session.commit();
  }

  /** Whether a handler has answered by a method that it took from Node's response before it looked at the session. */
  #isAnswered(): boolean {
    return this.node !== undefined && !this.isRaw && isHeadSent(this.node.outgoing);
  }
}

/** What stands on Node's response already and matters to us. Mostly there is none. */
export function belowOf(node: NodePair | undefined): Below | undefined {
  const res = node?.outgoing;
  if (!res || !(res.hasHeader("Vary") || res.hasHeader("Cache-Control"))) return undefined;
  return new HeadersOf(res);
}

/** What Hono's server for Node gives beside a request. Other runtimes give their own. */
interface NodeBindings {
  readonly incoming?: unknown;
  readonly outgoing?: { readonly req?: unknown } | undefined;
}

/** Finds Node's request and response in what Hono's server gives beside its request. */
export function nodeOf(env: unknown): NodePair | undefined {
  const pair = (env ?? {}) as NodeBindings;
  return pair.incoming && pair.outgoing?.req === pair.incoming ? (pair as NodePair) : undefined;
}

/** Finds them in a request of srvx. */
export function nodeOfRequest(request: Request): NodePair | undefined {
  const { runtime } = request as {
    readonly runtime?: { readonly node?: { readonly req?: unknown; readonly res?: unknown } };
  };
  const { req: incoming, res: outgoing } = runtime?.node ?? {};
  return nodeOf({ incoming, outgoing });
}
