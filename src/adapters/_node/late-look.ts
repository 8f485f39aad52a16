/**
 * A response at whose session nobody has looked yet: a handler that streams may do so when the head has left. If the
 * cookie has opened a session, and the body does not come with the head, the head says that the page is private.
 *
 * HTTP/1 sends the head with the first byte of the body, so that it can still be written when that byte comes. HTTP/2
 * sends it when `writeHead` is called: there it waits for the handler's next call, until the end of the tick.
 */
import type { ServerResponse } from "node:http";
import { findRequestState } from "../../core/request/attach.ts";
import type { RequestState } from "../../core/request/attach.ts";
import type { HostSession } from "../../core/request/host-session.ts";
import { applyLateLook, isShareable } from "../../core/cookie/response-headers.ts";
import type { PageCaching, ResponseHeaders } from "../../core/cookie/response-headers.ts";
import { HeadersOf, hasNoHead, isHead, isHeadSent, isHttp2, showHead } from "./response-head.ts";
import { http2HeadIsSent, maskAsSent } from "./sent-mask.ts";
import type {
  Arguments,
  Holder,
  MethodName,
  PatchedMethods,
  Response,
} from "./response-methods.ts";

/** Node's fields: the text of the head, and whether it has left. */
type Http1 = ServerResponse & { _header: string | null; readonly _headerSent: boolean };

/** Makes a call that may send the head of a response that nobody holds. */
export function callUnseen(
  res: Response,
  state: RequestState,
  methods: PatchedMethods,
  name: MethodName,
  args: Arguments,
): unknown {
  if (!isHttp2(res)) {
    if (name !== "writeHead") makePrivate(res as Http1, state, name === "end");
    const result = forward(res, methods, name, args);
    if (name === "end") state.ended = true;
    return result;
  }
  if (res.stream.headersSent || !state.some(mayBeSeenLate)) {
    return forward(res, methods, name, args);
  }
  if (name === "writeHead") {
    if (!isHead(args)) return forward(res, methods, name, args);
    const shown = showHead(res, args); // Node refuses here what it cannot send.
    state.response = new WaitingHead(res, state, methods, shown);
    return res;
  }
  if (name !== "end") applyLateLook(new HeadersOf(res), pagesOf(state));
  // HTTP/2 makes its calls by calls of `writeHead` and `write`.
  const passing: Holder = {
    call: (...call) => forward(res, ...call),
  };
  state.response = passing;
  try {
    return forward(res, methods, name, args);
  } finally {
    state.response = undefined;
  }
}

const mayBeSeenLate = (session: HostSession): boolean => session.mayBeSeenLate();
const wasSeenLate = (session: HostSession): boolean => session.lookedLate;

/** The strictest of what the sessions of a request ask for. */
function pagesOf(state: RequestState): PageCaching {
  return state.some(({ pages }) => pages === "no-store") ? "no-store" : "private, no-cache";
}

/** @param isWhole whether the rest of the body comes now: nobody can look after that */
function makePrivate(res: Http1, state: RequestState, isWhole: boolean): void {
  if (res._headerSent || (isWhole && !res._header)) return;
  if (!state.some(isWhole ? wasSeenLate : mayBeSeenLate)) return;
  if (!res._header) {
    applyLateLook(new HeadersOf(res), pagesOf(state));
    return;
  }
  const head = new HeadText(res._header);
  applyLateLook(head, pagesOf(state));
  res._header = head.text;
}

/** A head that Node has made already. */
class HeadText implements ResponseHeaders {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  get(name: string): string | undefined {
    return this.#line(name).exec(this.text)?.[1];
  }

  set(name: string, value: string): void {
    const line = `\r\n${name}: ${value}\r\n`;
    if (this.#line(name).test(this.text))
      this.text = this.text.replace(this.#line(name), () => line);
    else this.text = this.text.slice(0, -2) + line.slice(2) + "\r\n";
  }

  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === undefined ? value : `${before}, ${value}`);
  }

  #line(name: string): RegExp {
    return new RegExp(`\r\n${name}: *([^\r]*)\r\n`, "i");
  }
}

/** A head of HTTP/2 that others see as sent. */
class WaitingHead implements Holder {
  readonly #res: Response;
  readonly #state: RequestState;
  readonly #methods: PatchedMethods;
  readonly #head: Arguments;
  readonly #unmask: () => void;
  #looked = false;

  constructor(res: Response, state: RequestState, methods: PatchedMethods, head: Arguments) {
    this.#res = res;
    this.#state = state;
    this.#methods = methods;
    this.#head = head;
    this.#unmask = maskAsSent(res);
    process.nextTick(() => this.#leave(false));
  }

  call(methods: PatchedMethods, name: MethodName, args: Arguments): unknown {
    if (name === "writeHead") throw http2HeadIsSent();
    this.#leave(name === "end" && !this.#looked);
    return forward(this.#res, methods, name, args);
  }

  /** A first look: it is too late to hold the response, because the head has left as far as others see. */
  add(): boolean {
    this.#looked = true;
    return false;
  }

  #leave(isWhole: boolean): void {
    if (this.#state.response !== this) return;
    this.#state.response = undefined;
    this.#unmask();
    const res = this.#res;
    if (isHeadSent(res)) return;
    if (!isWhole) applyLateLook(new HeadersOf(res), pagesOf(this.#state));
    forward(res, this.#methods, "writeHead", this.#head);
  }
}

function forward(
  res: Response,
  methods: PatchedMethods,
  name: MethodName,
  args: Arguments,
): unknown {
  return Reflect.apply(methods.inner[name] as () => unknown, res, args);
}

/** Whether the head has left, and lets a shared cache keep the answer. */
export function hasSharedHead(res: Response): boolean {
  if (hasNoHead(res) || !isHeadSent(res)) return false;
  // What holds the response makes it private.
  if (findRequestState(res.req)?.response !== undefined) return false;
  if (isHttp2(res)) return isShareable(new HeadersOf(res).get("Cache-Control"));
  const { _header: head, _headerSent: hasLeft } = res as Http1;
  return hasLeft && isShareable(new HeadText(head ?? "").get("Cache-Control"));
}
