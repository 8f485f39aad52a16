/**
 * A response that is kept back until its sessions are committed.
 *
 *             a call that would send the head
 *   open ───────────────────────────────────────► holding ──── committed ────► through
 *                                                    │
 *                                                    └── the commit failed ──► failed ── the handler has ended ──► through
 *
 *   state    what has left   what a call of the handler does
 *   open     nothing         writeHead, write, end, flushHeaders begin the commit
 *   holding  nothing         is kept, and made when the commit is done; what Node refuses after such a call is refused
 *   through  what was made   goes to Node; our headers are written into a head that has not left yet
 *   failed   nothing         is swallowed until `end`; then the error takes the host's own path, on a response as new
 *
 * If the commit answers at once, `holding` begins and ends inside one call, and nothing is kept.
 */
import { requestStateOf } from "../../core/request/attach.ts";
import { applyCommitResult, applyFirstLook } from "../../core/cookie/response-headers.ts";
import type { CommitResult } from "../../core/cookie/response-headers.ts";
import { andThen, recover } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { Committer } from "../../core/request/host.ts";
import {
  HeadersOf,
  forgetHead,
  hasNoHead,
  isHead,
  isHeadSent,
  writeInto,
} from "./response-head.ts";
import { SentMask, writeAfterEnd } from "./sent-mask.ts";
import { shieldSocket } from "./shield-socket.ts";
import { putMethods, putOutermost } from "./response-methods.ts";
import type { Arguments, MethodName, PatchedMethods, Response } from "./response-methods.ts";

/** One session of a response: what has to happen before its head leaves. */
export interface CommitHook {
  readonly session: Committer;
  readonly host: {
    /** Takes the error of a failed commit down the host's own path. Nothing was sent, nothing is left of the answer. */
    onCommitError(error: unknown): void;
  };
}

/**
 * Keeps a response back until its session is committed. A second hook on the same response is one more commit before
 * the same head. Gives `false` if the head has left already, or the handler has ended its answer. From here on the response says that it is private, so that
 * a cache between the middleware and the handler sees it.
 */
export function holdResponse(res: Response, hook: CommitHook): boolean {
  if (hasNoHead(res)) return false;
  const state = requestStateOf(res.req);
  const held = state.response as HeldResponse | undefined;
  if (held) return held.add(hook);
  if (isHeadSent(res)) return false;
  // Somebody around us may have taken the answer without having sent it yet.
  if (!state.ended) state.response = new HeldResponse(res, putOutermost(res), hook);
  applyFirstLook(new HeadersOf(res), hook.session.pages);
  return !state.ended;
}

const NOTHING_SENT: CommitResult = { setCookie: undefined };

/** Held writes give `false` from here on, as those to a full socket do. */
const HELD_BYTES = 1024 * 1024;
/** Milliseconds for a handler to end an answer that was dropped; then the connection is cut. */
const DROPPED_ANSWER_MS = 1000;

type State = "open" | "holding" | "through" | "failed";

/** A call of the handler, and the methods of ours that it came through. */
type Call = readonly [methods: PatchedMethods, name: MethodName, args: Arguments];

class HeldResponse {
  readonly #res: Response;
  /** The methods of ours that stand next to Node's: what they write, no other middleware sees. */
  readonly #innermost: PatchedMethods;
  /** Names of headers that stood before the handler looked at its session: they are not its own. */
  readonly #before: readonly string[];
  readonly #hooks: CommitHook[];
  readonly #results: CommitResult[] = [];
  #state: State = "open";
  #calls: Call[] = [];
  #bytes = 0;
  /** Hides that nothing has left. */
  readonly #mask: SentMask;
  #unshield: (() => void) | undefined;
  #error: unknown;
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(res: Response, innermost: PatchedMethods, hook: CommitHook) {
    this.#innermost = innermost;
    this.#res = res;
    this.#before = res.getHeaderNames();
    this.#hooks = [hook];
    this.#mask = new SentMask(res);
  }

  /** Gives `false` if it is too late. */
  add(hook: CommitHook): boolean {
    if (this.#state !== "open") return false;
    this.#hooks.push(hook);
    return true;
  }

  call(...call: Call): unknown {
    switch (this.#state) {
      case "open":
        return this.#begin(call);
      case "holding":
        return this.#keep(call);
      case "through":
        return this.#pass(call);
      case "failed":
        return this.#swallow(call);
    }
  }

  /** The head is about to leave: commit first. */
  #begin(call: Call): unknown {
    const [, name, args] = call;
    // Node refuses such a call itself.
    if (name === "writeHead" && !isHead(args)) return forward(this.#res, call);
    this.#state = "holding";
    void recover(
      () => andThen(this.#commit(0), () => this.#release()),
      (error) => this.#drop(error),
    );
    return this.call(...call);
  }

  /** One session after the other. */
  #commit(at: number): Awaitable<void> {
    const hook = this.#hooks[at];
    if (!hook) return undefined;
    return andThen(hook.session.commit(), (result) => {
      this.#results.push(result ?? NOTHING_SENT);
      return this.#commit(at + 1);
    });
  }

  /** Lets a call through. Into the head, which Node makes by a call of writeHead, what was committed is written. */
  #pass(call: Call): unknown {
    const [methods, name, args] = call;
    if (methods !== this.#innermost || name !== "writeHead" || !isHead(args)) {
      return forward(this.#res, call);
    }
    if (isHeadSent(this.#res)) return forward(this.#res, call);
    const head = writeInto(this.#res, args, (headers) => {
      // The answer to a failed commit is made for this user, too.
      if (this.#results.length === 0) applyFirstLook(headers, this.#hooks[0]?.session.pages);
      for (const result of this.#results) applyCommitResult(headers, result);
    });
    return forward(this.#res, [methods, name, head]);
  }

  #keep([methods, name, args]: Call): unknown {
    const { isEnded: wasEnded, isOver } = this.#mask;
    const kept = this.#mask.show(name, args);
    if (isOver) {
      tell(args, writeAfterEnd());
      return resultOf(this.#res, name, false);
    }
    this.#calls.push([methods, name, kept]);
    if (this.#mask.isEnded) this.#unshield ??= shieldSocket(this.#res);
    const [chunk] = args;
    if (typeof chunk === "string") this.#bytes += Buffer.byteLength(chunk);
    else if (chunk instanceof Uint8Array) this.#bytes += chunk.byteLength;
    return resultOf(this.#res, name, !wasEnded && this.#bytes < HELD_BYTES);
  }

  /** The commit is made: what was kept goes to Node. */
  #release(): void {
    this.#state = "through";
    const setLater = this.#mask.takeOff();
    let writable = true;
    try {
      for (let [call] = this.#calls; call; [call] = this.#calls) {
        writable = this.#pass(call) !== false && writable;
        this.#calls.shift(); // Not before: what Node refuses is dropped with the rest.
      }
    } finally {
      this.#unshield?.();
    }
    setLater();
    if (this.#bytes >= HELD_BYTES && writable) this.#res.emit("drain");
  }

  /**
   * The commit failed: nothing of the answer leaves. What the handler still writes is swallowed until it comes
   * to its end, so that its pipe or compressor cannot write into the answer of the error.
   */
  #drop(error: unknown): void {
    this.#state = "failed";
    this.#error = error;
    this.#cutTimer = setTimeout(() => {
      this.#res.destroy();
      this.#answer();
    }, DROPPED_ANSWER_MS);
    for (const call of this.#calls.splice(0)) this.#forget(call);
    if (this.#bytes >= HELD_BYTES) this.#res.emit("drain");
  }

  #swallow(call: Call): unknown {
    const [, name, args] = call;
    const wasEnded = this.#mask.isEnded;
    this.#mask.show(name, args);
    this.#forget(call);
    return resultOf(this.#res, name, !wasEnded);
  }

  #forget([, name, args]: Call): void {
    tell(args, this.#error);
    if (name === "end") setImmediate(() => this.#answer());
  }

  /** Hands the error to the host, on a response that is as new. */
  #answer(): void {
    if (this.#state !== "failed") return;
    clearTimeout(this.#cutTimer);
    this.#state = "through";
    this.#mask.takeOff();
    this.#unshield?.();
    // Another middleware that has wrapped us saw the handler's `end`, and would swallow the answer of the error. So the
    // error is answered through our own methods, past that middleware.
    putMethods(this.#res, this.#innermost.ours);
    if (isHeadSent(this.#res)) this.#res.destroy();
    else forgetHead(this.#res, this.#before);
    try {
      const failed = this.#hooks[Math.min(this.#results.length, this.#hooks.length - 1)];
      failed?.host.onCommitError(this.#error);
    } catch {
      this.#res.destroy(); // Nobody is left to tell, and the client must not wait.
    }
  }
}

function forward(res: Response, [methods, name, args]: Call): unknown {
  return Reflect.apply(methods.inner[name] as () => unknown, res, args);
}

/** Calls the callback of a call that is not made. */
function tell(args: Arguments, error: unknown): void {
  const callback = args.find((arg) => typeof arg === "function");
  if (callback) process.nextTick(callback, error);
}

/** What a call gives whose work is done later. */
function resultOf(res: Response, name: MethodName, isWritable: boolean): unknown {
  if (name === "write") return isWritable;
  return name === "flushHeaders" ? undefined : res;
}
