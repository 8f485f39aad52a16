/**
 * Node's response below a host that answers with a `Response`. A handler may write into it past that host. Then the
 * session is committed before that head leaves, as on the hosts that are built on Node's response.
 */
import { isPending, recover } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { CommitResult } from "../../core/cookie/response-headers.ts";
import { shareRequestState } from "../../core/request/attach.ts";
import type { RequestState } from "../../core/request/attach.ts";
import type { Committer } from "../../core/request/host.ts";
import { answer500 } from "./answer-500.ts";
import { holdResponse } from "./held-response.ts";
import type { CommitHook } from "./held-response.ts";
import type { NodeRequest, NodeResponse } from "./node-host.ts";
import { hasNoHead, isHeadSent, isHttp2 } from "./response-head.ts";
import { patchResponse } from "./response-methods.ts";
import type { Holder } from "./response-methods.ts";

/** The request and the response of Node behind those of a host. */
export interface NodePair {
  readonly incoming: NodeRequest;
  readonly outgoing: NodeResponse;
}

type Held = ResponseWatch | { readonly add: (hook: CommitHook) => boolean };

/** What one session does if a handler writes into Node's response. */
export class RawAnswer implements CommitHook {
  readonly #node: NodePair;
  readonly #committer: Committer;
  #watch: ResponseWatch | undefined;
  #hasBegun = false;
  #committing: Awaitable<unknown>;
  /** Whether the commit has failed, and nobody has taken its error yet. */
  #isFailing = false;
  /** Gives that error to the middleware, if it waits for it. */
  #tell: ((error: unknown) => void) | undefined;

  constructor(node: NodePair, committer: Committer) {
    this.#node = node;
    this.#committer = committer;
  }

  /**
   * Watches the response. Gives `false` if its head has left already.
   * @param state what the host's own request carries for us
   */
  watch(state: RequestState): boolean {
    const { incoming, outgoing } = this.#node;
    if (hasNoHead(outgoing)) return true; // The host answers an upgrade itself.
    const own = shareRequestState(state, incoming); // Node's response finds its holder by its request.
    if (own.ended || isHeadSent(outgoing)) return false;
    const holder = own.response as Held | undefined;
    if (holder && !(holder instanceof ResponseWatch)) return holder.add(this);
    patchResponse(outgoing);
    this.#watch = holder ?? new ResponseWatch(outgoing, own);
    this.#watch.join(this);
    return true;
  }

  /** Whether a handler has written into the response, so that the commit has begun. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Waits for that commit. @throws its error, as soon as the handler has ended the answer, which is dropped */
  settle(): Awaitable<undefined> {
    const committed = (): Awaitable<undefined> =>
      this.#isFailing ? new Promise((_, reject) => (this.#tell = reject)) : undefined;
    const committing = this.#committing;
    return isPending(committing) ? committing.then(committed, committed) : committed();
  }

  /** Lets the host's own answer through: the host commits before it. */
  release(): void {
    this.#watch?.release(this);
  }

  get session(): Committer {
    const { pages } = this.#committer;
    return { pages, commit: () => this.#commit() };
  }

  get host(): CommitHook["host"] {
    return { onCommitError: (error) => this.#fail(error) };
  }

  #commit(): Awaitable<CommitResult | undefined> {
    this.#hasBegun = true;
    const committing = recover(
      () => this.#committer.commit(),
      (error) => {
        this.#isFailing = true;
        throw error;
      },
    );
    this.#committing = committing;
    return committing;
  }

  /** The error takes the host's own path if its middleware still runs. A handler that has not returned may never do so. */
  #fail(error: unknown): void {
    const { incoming, outgoing } = this.#node;
    this.#isFailing = false;
    if (this.#tell) this.#tell(error);
    else answer500(error, incoming, outgoing);
  }
}

/** Stands on a response of Node until its host answers, or a handler writes into it. */
class ResponseWatch implements Holder {
  readonly #res: NodeResponse;
  readonly #state: RequestState;
  readonly #answers = new Set<RawAnswer>();

  constructor(res: NodeResponse, state: RequestState) {
    this.#res = res;
    this.#state = state;
    state.response = this;
    if (!isHttp2(res)) this.#letThrough(res);
  }

  /**
   * In `res.end(putSession(...))` JavaScript has looked Node's own `end` up before the handler looks at the session. It
   * asks for a head while it runs, and writes the body right after, so that the head cannot wait for a commit.
   */
  #letThrough(res: NodeResponse): void {
    const implicit = res as { _implicitHeader?: () => void };
    const make = implicit._implicitHeader;
    implicit._implicitHeader = () => {
      if (this.#state.response === this) this.#state.response = undefined;
      make?.call(res);
    };
  }

  join(answer: RawAnswer): void {
    this.#answers.add(answer);
  }

  release(answer: RawAnswer): void {
    this.#answers.delete(answer);
    if (this.#answers.size === 0 && this.#state.response === this) this.#state.response = undefined;
  }

  /** A host that is built on Node's response runs below. */
  add(hook: CommitHook): boolean {
    this.#hold();
    return holdResponse(this.#res, hook);
  }

  call(...call: Parameters<Holder["call"]>): unknown {
    this.#hold();
    const [methods, name, args] = call;
    const holder = this.#state.response as Holder | undefined;
    if (holder) return holder.call(...call);
    return Reflect.apply(methods.inner[name] as () => unknown, this.#res, args);
  }

  #hold(): void {
    this.#state.response = undefined;
    for (const answer of this.#answers) holdResponse(this.#res, answer);
  }
}
