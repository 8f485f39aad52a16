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
 *   holding  nothing         is kept, and made when the commit is done
 *   through  what was made   goes to Node; our headers are written into a head that has not left yet
 *   failed   nothing         is swallowed until `end`; then the error takes the host's own path, on a response as new
 *
 * If the commit answers at once, `holding` begins and ends inside one call, and nothing is kept.
 */
import { findRequestState, requestStateOf } from "../../core/request/attach.ts";
import { applyCommitResult } from "../../core/cookie/response-headers.ts";
import type { CommitResult, ResponseHeaders } from "../../core/cookie/response-headers.ts";
import { andThen, isPending, recover } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import type { Committer } from "../../core/request/host.ts";
import { HeadersOf, forgetHead, isHead, writeInto } from "./response-head.ts";
import { methodsToHold, putMethods } from "./response-methods.ts";
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
 * the same head. Gives `false` if the head has left already.
 */
export function holdResponse(res: Response, hook: CommitHook): boolean {
  if (res.headersSent) return false;
  const state = requestStateOf(res.req);
  const held = state.response as HeldResponse | undefined;
  if (held) held.add(hook);
  else state.response = new HeldResponse(res, methodsToHold(res), hook);
  return true;
}

const NOTHING_SENT: CommitResult = { setCookie: undefined };

/** Held writes give `false` from here on, as those to a full socket do. */
const HELD_BYTES = 1024 * 1024;
/** Milliseconds for a handler to end an answer that was dropped; then the connection is cut. */
const DROPPED_ANSWER_MS = 1000;

/** What a held response shows of itself: what the handler has asked for has happened, as on any response of Node. */
const MASKED: PropertyDescriptorMap = {
  headersSent: view("headersSent"),
  writableEnded: view("writableEnded"),
};

function view(name: "headersSent" | "writableEnded"): PropertyDescriptor & ThisType<Response> {
  return {
    configurable: true,
    get() {
      const hold = findRequestState(this.req)?.response as HeldResponse | undefined;
      return hold?.shows(name);
    },
  };
}

type State = "open" | "holding" | "through" | "failed";

class HeldResponse {
  readonly methods: PatchedMethods;
  readonly #res: Response;
  /** Names of headers that stood before the handler looked at its session: they are not its own. */
  readonly #before: readonly string[];
  readonly #hooks: CommitHook[];
  readonly #results: CommitResult[] = [];
  #state: State = "open";
  #calls: (readonly [MethodName, Arguments])[] = [];
  #bytes = 0;
  /** Whether the handler has called `end`. */
  #ended = false;
  /** Whether {@link MASKED} stands on the response. */
  #masked = false;
  /** Whether what was committed stands in the headers, for good. */
  #written = false;
  #error: unknown;
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(res: Response, methods: PatchedMethods, hook: CommitHook) {
    this.methods = methods;
    this.#res = res;
    this.#before = res.getHeaderNames();
    this.#hooks = [hook];
  }

  add(hook: CommitHook): void {
    if (this.#state === "open") this.#hooks.push(hook);
  }

  call(name: MethodName, args: Arguments): unknown {
    switch (this.#state) {
      case "open":
        return this.#begin(name, args);
      case "holding":
        return this.#keep(name, args);
      case "through":
        return this.#pass(name, args);
      case "failed":
        return this.#swallow(name, args);
    }
  }

  shows(name: "headersSent" | "writableEnded"): boolean {
    const pending = this.#state === "holding" || this.#state === "failed";
    return pending ? name === "headersSent" || this.#ended : this.#nodes(name);
  }

  #mask(): void {
    this.#masked = true;
    Object.defineProperties(this.#res, MASKED);
  }

  #nodes(name: "headersSent" | "writableEnded"): boolean {
    if (!this.#masked) return this.#res[name];
    const own = Object.getPrototypeOf(this.#res) as object;
    return Boolean(Reflect.get(own, name, this.#res));
  }

  /** The head is about to leave: commit first. */
  #begin(name: MethodName, args: Arguments): unknown {
    if (name === "writeHead" && !isHead(args)) return this.#forward(name, args);
    this.#state = "holding";
    const committed = recover(
      () => andThen(this.#commit(0), () => this.#release()),
      (error) => this.#drop(error),
    );
    if (isPending(committed)) this.#mask();
    return this.call(name, args);
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

  /** Lets a call through; as long as the head has not left, what was committed is written into it. */
  #pass(name: MethodName, args: Arguments): unknown {
    if (this.#written || this.#results.length === 0 || this.#nodes("headersSent"))
      return this.#forward(name, args);
    const write = (headers: ResponseHeaders): void => {
      for (const result of this.#results) applyCommitResult(headers, result);
    };
    let left = args;
    if (name === "writeHead") left = writeInto(this.#res, args, write);
    else write(new HeadersOf(this.#res));
    // Node's `end` and `write` call writeHead themselves, so our headers are written a second time there: another
    // middleware may have changed the headers in between. If nobody has wrapped this response, that cannot happen, and
    // the second time is skipped.
    this.#written = this.#isAlone();
    try {
      return this.#forward(name, left);
    } finally {
      this.#written = false; // Node may have refused the call, and what follows begins with other headers.
    }
  }

  /** Whether nobody has wrapped the response, further out or further in. */
  #isAlone(): boolean {
    return !this.methods.wrapped && this.#res.writeHead === this.methods.ours.writeHead;
  }

  #forward(name: MethodName, args: Arguments): unknown {
    return Reflect.apply(this.methods.inner[name] as () => unknown, this.#res, args);
  }

  #keep(name: MethodName, args: Arguments): unknown {
    this.#calls.push([name, args]);
    if (name === "end") this.#ended = true;
    const [chunk] = args;
    if (typeof chunk === "string") this.#bytes += Buffer.byteLength(chunk);
    else if (chunk instanceof Uint8Array) this.#bytes += chunk.byteLength;
    return name === "write" ? this.#bytes < HELD_BYTES : this.#res;
  }

  #release(): void {
    this.#state = "through";
    let writable = true;
    for (let [call] = this.#calls; call; [call] = this.#calls) {
      writable = this.#pass(...call) !== false && writable;
      this.#calls.shift(); // Not before: what Node refuses is dropped with the rest.
    }
    if (this.#bytes >= HELD_BYTES && writable) this.#res.emit("drain");
  }

  /**
   * The commit failed: nothing of the answer leaves. What the handler still writes is swallowed until it comes
   * to its end, so that its pipe or compressor cannot write into the answer of the error.
   */
  #drop(error: unknown): void {
    this.#state = "failed";
    this.#error = error;
    this.#mask();
    this.#cutTimer = setTimeout(() => {
      this.#res.destroy();
      this.#answer();
    }, DROPPED_ANSWER_MS);
    for (const call of this.#calls.splice(0)) this.#swallow(...call);
    if (this.#bytes >= HELD_BYTES) this.#res.emit("drain");
  }

  #swallow(name: MethodName, args: Arguments): unknown {
    const callback = args.find((arg) => typeof arg === "function");
    if (callback) process.nextTick(callback, this.#error);
    if (name === "end") {
      this.#ended = true;
      setImmediate(() => this.#answer());
    }
    return name === "write" ? true : this.#res;
  }

  /** Hands the error to the host, on a response that is as new. */
  #answer(): void {
    if (this.#state !== "failed") return;
    clearTimeout(this.#cutTimer);
    this.#state = "through";
    // A middleware that has wrapped us saw the handler's `end`, and would swallow the answer of the error. So the error
    // is answered through our own methods, past that middleware.
    putMethods(this.#res, this.methods.ours);
    if (this.#nodes("headersSent")) this.#res.destroy();
    else forgetHead(this.#res, this.#before);
    try {
      this.#hooks[Math.min(this.#results.length, this.#hooks.length - 1)]?.host.onCommitError(
        this.#error,
      );
    } catch {
      this.#res.destroy(); // Nobody is left to tell, and the client must not wait.
    }
  }
}
