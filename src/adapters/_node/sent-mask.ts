/**
 * What a held response shows: the handler has called `writeHead`, `write` or `end`, so to everybody else the head was
 * sent, and after `end` the answer has ended, as on a response of Node that nobody holds.
 */
import { Socket } from "node:net";
import type { ServerResponse } from "node:http";
import { isHttp2, setStatus, showHead, statusOf } from "./response-head.ts";
import type { StatusLine } from "./response-head.ts";
import type { Arguments, MethodName, Response } from "./response-methods.ts";
import { shadow } from "./shadow.ts";

/** Stands in the place of the head that Node will make. It never leaves. */
const HELD_HEAD = "held\r\n\r\n";

/** Node's field: all that decides whether the head was sent, for Node itself and for others, such as compression 1.7. */
type Http1 = ServerResponse & { _header: string | null };

/** What others see of a response whose calls are kept or swallowed: what Node shows after the same calls. */
export class SentMask {
  readonly #res: Response;
  readonly #masks: (() => void)[] = [];
  /** The status line when the head was sent, as far as others see, and what they have seen of it since. */
  #status: { readonly sent: StatusLine; readonly shown: StatusLine } | undefined;
  #isEnded = false;
  #isOver = false;

  constructor(res: Response) {
    this.#res = res;
  }

  /** Whether `end` was called. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether `end` was called some time ago: a response of Node has left by now, and takes no notice of a write. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Shows a call, before it is made.
   * @returns the arguments to make it with later
   * @throws what Node throws at such a call
   */
  show(name: MethodName, args: Arguments): Arguments {
    if (name === "write" || name === "end") this.#refuse(name, args);
    if (name === "writeHead" && this.#status) throw headIsSent(this.#res);
    const sent = statusOf(this.#res);
    const kept = name === "writeHead" ? showHead(this.#res, args) : args;
    if (!this.#status) {
      showReason(this.#res);
      this.#status = { sent, shown: statusOf(this.#res) };
      this.#masks.push(maskAsSent(this.#res));
    }
    if (name === "end" && !this.#isEnded) {
      this.#isEnded = true;
      process.nextTick(() => (this.#isOver = true));
      this.#masks.push(maskAsEnded(this.#res));
    }
    return kept;
  }

  /** Node looks at a chunk first. After `end` it asks what the chunk is only at a `write` of HTTP/1. */
  #refuse(name: "write" | "end", args: Arguments): void {
    if (this.#isEnded && (name === "end" || isHttp2(this.#res))) return;
    refuseChunk(name, args);
  }

  /**
   * Takes the mask off, and puts the status line back that the head has to have.
   * @returns what shows again what somebody has set since: that is too late for the head
   */
  takeOff(): () => void {
    if (!this.#status) return () => {};
    const later = statusOf(this.#res);
    for (const unmask of this.#masks.splice(0)) unmask();
    const { sent, shown } = this.#status;
    this.#status = undefined;
    setStatus(this.#res, sent);
    return () => {
      if (later.code !== shown.code || later.reason !== shown.reason) setStatus(this.#res, later);
    };
  }
}

/**
 * Node makes a reason when it makes the head. The module is asked for here, because hosts that answer with a `Response`
 * load this file in workerd too, which has no `node:http` by an older compatibility date.
 */
function showReason(res: Response): void {
  if (isHttp2(res)) return;
  const { STATUS_CODES } = process.getBuiltinModule("node:http");
  res.statusMessage ||= STATUS_CODES[res.statusCode] ?? "unknown";
}

function refuseChunk(name: "write" | "end", [chunk]: Arguments): void {
  if (typeof chunk === "string" || chunk instanceof Uint8Array) return;
  if (name === "end" && (chunk === null || chunk === undefined || typeof chunk === "function"))
    return;
  if (chunk === null) {
    throw Object.assign(new TypeError("May not write null values to stream"), {
      code: "ERR_STREAM_NULL_VALUES",
    });
  }
  throw Object.assign(new TypeError("The chunk must be a string, a Buffer or a Uint8Array"), {
    code: "ERR_INVALID_ARG_TYPE",
  });
}

/** @returns what takes the mask off again */
export function maskAsSent(res: Response): () => void {
  return isHttp2(res) ? maskHttp2(res) : maskHttp1(res as Http1);
}

function maskHttp1(res: Http1): () => void {
  if (res._header) return () => {};
  // With it Node itself refuses setHeader, appendHeader, removeHeader and a second writeHead.
  res._header = HELD_HEAD;
  return () => {
    if (res._header === HELD_HEAD) res._header = null;
  };
}

function maskHttp2(res: Exclude<Response, ServerResponse>): () => void {
  const refuse = (): never => {
    throw http2HeadIsSent();
  };
  return shadow(res, {
    headersSent: { get: () => true },
    setHeader: { value: refuse },
    appendHeader: { value: refuse },
    removeHeader: { value: refuse },
  });
}

/** What the callback of a write is told that comes after the end. */
export function writeAfterEnd(): Error {
  return Object.assign(new Error("write after end"), { code: "ERR_STREAM_WRITE_AFTER_END" });
}

function headIsSent(res: Response): Error {
  if (isHttp2(res)) return http2HeadIsSent();
  return Object.assign(new Error("Cannot write headers after they are sent to the client"), {
    code: "ERR_HTTP_HEADERS_SENT",
  });
}

/** What HTTP/2 throws at whoever writes a header too late. */
export function http2HeadIsSent(): Error {
  return Object.assign(new Error("Response has already been initiated."), {
    code: "ERR_HTTP2_HEADERS_SENT",
  });
}

/**
 * The same after `end`.
 * @returns what takes the mask off again
 */
function maskAsEnded(res: Response): () => void {
  // Adapters of serverless platforms ask whether the answer has ended, and then take what is there. They have no
  // socket, and hear the truth.
  if (!isHttp2(res) && !(res.req.socket instanceof Socket)) return () => {};
  return shadow(res, {
    writableEnded: { get: () => true },
    finished: { get: () => true, set: () => {} },
    writableFinished: { get: () => false },
  });
}
