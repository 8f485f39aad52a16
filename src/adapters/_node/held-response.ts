import { baggageOf } from "../../core/request/attach.ts";
import { applyOutcome } from "../../core/cookie/response-headers.ts";
import type { AnswerHeaders, Outcome } from "../../core/cookie/response-headers.ts";
import { chain, isPending, rescue } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { putVerbs } from "./response-methods.ts";
import type { Arguments, Ready, Response, Verb } from "./response-methods.ts";
import { HeadersOf, forgetHead, isHead, writeInto } from "./response-head.ts";

/** One session of a response: what has to happen before its head leaves. */
export interface Gate {
  /** Writes the session back: called once, when the head is about to leave. */
  commit(): Awaitable<Outcome>;
  /** Takes the error of a failed commit down the host's own path. Nothing was sent, nothing is left of the answer. */
  fail(error: unknown): void;
}

/** Held writes give `false` from here on, as those to a full socket do. */
const HELD_BYTES = 1024 * 1024;
/** Milliseconds for a handler to end an answer that was dropped; then the connection is cut. */
const PATIENCE = 1000;

/** What a held response shows of itself: as soon as the handler has asked for it, it has happened. */
const VIEW: PropertyDescriptorMap = {
  headersSent: view("headersSent"),
  writableEnded: view("writableEnded"),
};

function view(name: "headersSent" | "writableEnded"): PropertyDescriptor & ThisType<Response> {
  return {
    configurable: true,
    get() {
      const hold = baggageOf(this.req)?.hold as Hold | undefined;
      return hold?.shows(name);
    },
  };
}

/** open: nothing has left. holding: a commit is on its way. through: it is made. failed: it is not. */
type Phase = "open" | "holding" | "through" | "failed";

/** Keeps one response back. */
export class Hold {
  readonly ready: Ready;
  readonly #res: Response;
  /** Names of headers that stood before the handler looked at its session: they are not its own. */
  readonly #before: readonly string[];
  readonly #gates: Gate[];
  readonly #outcomes: Outcome[] = [];
  #phase: Phase = "open";
  #calls: (readonly [Verb, Arguments])[] = [];
  #bytes = 0;
  /** Whether the handler has called `end`. */
  #ended = false;
  /** Whether {@link VIEW} stands on the response. */
  #covered = false;
  /** Whether what was committed stands in the headers, for good. */
  #written = false;
  #error: unknown;
  #patience: NodeJS.Timeout | undefined;

  constructor(res: Response, ready: Ready, gate: Gate) {
    this.ready = ready;
    this.#res = res;
    this.#before = res.getHeaderNames();
    this.#gates = [gate];
  }

  add(gate: Gate): void {
    if (this.#phase === "open") this.#gates.push(gate);
  }

  call(name: Verb, args: Arguments): unknown {
    switch (this.#phase) {
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
    const pending = this.#phase === "holding" || this.#phase === "failed";
    return pending ? name === "headersSent" || this.#ended : this.#really(name);
  }

  #cover(): void {
    this.#covered = true;
    Object.defineProperties(this.#res, VIEW);
  }

  #really(name: "headersSent" | "writableEnded"): boolean {
    if (!this.#covered) return this.#res[name];
    const own = Object.getPrototypeOf(this.#res) as object;
    return Boolean(Reflect.get(own, name, this.#res));
  }

  /** The head is about to leave: commit first. */
  #begin(name: Verb, args: Arguments): unknown {
    if (name === "writeHead" && !isHead(args)) return this.#forward(name, args);
    this.#phase = "holding";
    const committed = rescue(
      () => chain(this.#commit(0), () => this.#release()),
      (error) => this.#drop(error),
    );
    if (isPending(committed)) this.#cover();
    return this.call(name, args);
  }

  /** One gate after the other. */
  #commit(at: number): Awaitable<void> {
    const gate = this.#gates[at];
    if (!gate) return undefined;
    return chain(gate.commit(), (outcome) => {
      this.#outcomes.push(outcome);
      return this.#commit(at + 1);
    });
  }

  /** Lets a call through; as long as the head has not left, what was committed is written into it. */
  #pass(name: Verb, args: Arguments): unknown {
    if (this.#written || this.#outcomes.length === 0 || this.#really("headersSent"))
      return this.#forward(name, args);
    const write = (headers: AnswerHeaders): void => {
      for (const outcome of this.#outcomes) applyOutcome(headers, outcome);
    };
    let left = args;
    if (name === "writeHead") left = writeInto(this.#res, args, write);
    else write(new HeadersOf(this.#res));
    // Node calls writeHead out of `end` and `write`: once more, unless nobody stands between, who could have
    // changed the headers.
    this.#written = this.#isAlone();
    try {
      return this.#forward(name, left);
    } finally {
      this.#written = false; // Node may have refused the call, and what follows begins with other headers.
    }
  }

  /** Whether nobody has wrapped the response, further out or further in. */
  #isAlone(): boolean {
    return !this.ready.wrapped && this.#res.writeHead === this.ready.ours.writeHead;
  }

  #forward(name: Verb, args: Arguments): unknown {
    return Reflect.apply(this.ready.inner[name] as () => unknown, this.#res, args);
  }

  #keep(name: Verb, args: Arguments): unknown {
    this.#calls.push([name, args]);
    if (name === "end") this.#ended = true;
    const [chunk] = args;
    if (typeof chunk === "string") this.#bytes += Buffer.byteLength(chunk);
    else if (chunk instanceof Uint8Array) this.#bytes += chunk.byteLength;
    return name === "write" ? this.#bytes < HELD_BYTES : this.#res;
  }

  #release(): void {
    this.#phase = "through";
    let ready = true;
    for (let [call] = this.#calls; call; [call] = this.#calls) {
      ready = this.#pass(...call) !== false && ready;
      this.#calls.shift(); // Not before: what Node refuses is dropped with the rest.
    }
    if (this.#bytes >= HELD_BYTES && ready) this.#res.emit("drain");
  }

  /**
   * The commit failed: nothing of the answer leaves. What the handler still writes is swallowed until it comes
   * to its end, so that its pipe or compressor cannot write into the answer of the error.
   */
  #drop(error: unknown): void {
    this.#phase = "failed";
    this.#error = error;
    this.#cover();
    this.#patience = setTimeout(() => {
      this.#res.destroy();
      this.#answer();
    }, PATIENCE);
    for (const call of this.#calls.splice(0)) this.#swallow(...call);
    if (this.#bytes >= HELD_BYTES) this.#res.emit("drain");
  }

  #swallow(name: Verb, args: Arguments): unknown {
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
    if (this.#phase !== "failed") return;
    clearTimeout(this.#patience);
    this.#phase = "through";
    // Past a wrapper around us, which took the handler's end for the end and would swallow the answer.
    putVerbs(this.#res, this.ready.ours);
    if (this.#really("headersSent")) this.#res.destroy();
    else forgetHead(this.#res, this.#before);
    try {
      this.#gates[Math.min(this.#outcomes.length, this.#gates.length - 1)]?.fail(this.#error);
    } catch {
      this.#res.destroy(); // Nobody is left to tell, and the client must not wait.
    }
  }
}
