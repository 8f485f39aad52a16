import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { ResponseHeaders } from "../../core/cookie/response-headers.ts";

type Response = ServerResponse | Http2ServerResponse;

/** Node's responses have it, and not those of HTTP/2; its types know it of requests only. */
type Named = Response & { readonly getRawHeaderNames?: () => readonly string[] };

/** The headers of a response whose head has not left. */
export class HeadersOf implements ResponseHeaders {
  readonly #res: Response;

  constructor(res: Response) {
    this.#res = res;
  }

  get(name: string): string | undefined {
    return asText(this.#find(name));
  }

  set(name: string, value: string): void {
    this.#res.setHeader(this.#spelled(name), value);
  }

  /** Adds a value that is not there yet: the same outcome may be written again. */
  append(name: string, value: string): void {
    const found = this.#find(name) ?? [];
    const values = Array.isArray(found) ? found : [String(found)];
    if (values.includes(value)) return;
    // Not appendHeader: it pushes into the handler's own array, which may be a constant of the application,
    // and then the next browser gets this session.
    this.#res.setHeader(this.#spelled(name), [...values, value]);
  }

  /** The name as it was set before, in its own case: a proxy keeps the case of the answer that it hands on. */
  #spelled(name: string): string {
    const res: Named = this.#res;
    if (!this.#res.hasHeader(name)) return name;
    const same = (each: string): boolean => each.toLowerCase() === name.toLowerCase();
    return res.getRawHeaderNames?.().find(same) ?? name;
  }

  #find(name: string): OutgoingHttpHeader | undefined {
    return this.#res.getHeader(name);
  }
}

type Given = Readonly<Record<string, OutgoingHttpHeader>>;

/** Headers on their way into writeHead: names and values in turn, which Node takes as well as an object. */
class HeadList implements ResponseHeaders {
  readonly list: OutgoingHttpHeader[] = [];

  constructor(given: Given) {
    for (const name of Object.keys(given)) this.list.push(name, given[name] as OutgoingHttpHeader);
  }

  get(name: string): string | undefined {
    const at = this.#find(name);
    return at === -1 ? undefined : asText(this.list[at + 1]);
  }

  set(name: string, value: string): void {
    this.#put(this.#find(name), name, value);
  }

  append(name: string, value: string): void {
    const at = this.#find(name);
    const before = at === -1 ? [] : [this.list[at + 1]];
    this.#put(at, name, [...before.flat().map(String), value]);
  }

  #put(at: number, name: string, value: OutgoingHttpHeader): void {
    if (at === -1) this.list.push(name, value);
    else this.list[at + 1] = value;
  }

  /** Where the name stands, in whichever case. */
  #find(name: string): number {
    for (let at = 0; at < this.list.length; at += 2) {
      const each = this.list[at] as string;
      if (each.length === name.length && each.toLowerCase() === name.toLowerCase()) return at;
    }
    return -1;
  }
}

/** Whether writeHead takes these arguments. It takes the status as text, too; what it refuses, it shall refuse itself. */
export function isHead([given]: readonly unknown[]): boolean {
  const status = Number(given) | 0; // As Node does.
  return status >= 100 && status <= 999;
}

/**
 * Shows the head of a writeHead that is kept for later, as Node shows it: the status at once, and the headers if the
 * response has others. Gives the arguments to call writeHead with later.
 */
export function showHead(res: Response, args: readonly unknown[]): readonly unknown[] {
  const { status, reason, given } = readHead(args);
  res.statusCode = Number(status) | 0;
  const [message] = reason;
  if (message !== undefined && !isHttp2(res)) res.statusMessage = message;
  // HTTP/2 shows, and checks, whatever it was given. Of a stream that is over, its writeHead takes whatever comes.
  if (isHttp2(res) ? res.stream.destroyed : res.getHeaderNames().length === 0) return args;
  for (const [name, value] of readPairs(given)) res.setHeader(name, value);
  return [status, ...reason];
}

/** What a response has of its status line. HTTP/2 has no reason in it, and warns of whoever asks. */
export interface StatusLine {
  readonly code: number;
  readonly reason: string | undefined;
}

export function statusOf(res: Response): StatusLine {
  return { code: res.statusCode, reason: isHttp2(res) ? undefined : res.statusMessage };
}

export function setStatus(res: Response, { code, reason }: StatusLine): void {
  res.statusCode = code;
  // Node makes a reason for `undefined`; its types do not say so.
  if (!isHttp2(res)) res.statusMessage = reason as string;
}

/**
 * Writes into the head with which writeHead was called. A `Set-Cookie` that was given leaves beside ours. Gives the
 * arguments to go on with.
 */
export function writeInto(
  res: Response,
  args: readonly unknown[],
  write: (headers: ResponseHeaders) => void,
): readonly unknown[] {
  const { status, reason, given } = readHead(args);
  if (isObject(given) && res.getHeaderNames().length === 0) {
    // Node writes such a head as it is: many times faster than header by header.
    const headers = new HeadList(given);
    write(headers);
    return [status, ...reason, headers.list];
  }
  for (const [name, value] of readPairs(given)) res.setHeader(name, value);
  write(new HeadersOf(res));
  return [status, ...reason];
}

/** The arguments of writeHead: a status, a reason if there is one, and headers in one of their shapes. */
function readHead(args: readonly unknown[]): {
  readonly status: unknown;
  readonly reason: readonly string[];
  readonly given: unknown;
} {
  const [status, second, third] = args;
  if (typeof second === "string") return { status, reason: [second], given: third };
  return { status, reason: [], given: third ?? second };
}

function isObject(given: unknown): given is Given {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

function asText(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value?.toString();
}

type Pair = readonly [name: string, value: OutgoingHttpHeader];

/** The headers in an object, a flat array or an array of pairs; a name that an array repeats has several values. */
function readPairs(given: unknown): Iterable<Pair> {
  if (typeof given !== "object" || given === null) return [];
  if (!Array.isArray(given)) return Object.entries(given) as Pair[];
  const flat = (given.every(Array.isArray) ? given.flat() : given) as readonly OutgoingHttpHeader[];
  const pairs = new Map<string, Pair>();
  for (let at = 0; at < flat.length; at += 2) {
    const name = String(flat[at]);
    const value = flat[at + 1] ?? "";
    const before = pairs.get(name.toLowerCase())?.[1];
    const both = before === undefined ? value : [before, value].flat().map(String);
    pairs.set(name.toLowerCase(), [name, both]);
  }
  return pairs.values();
}

/** Describes a body, which is dropped with the answer it belongs to; CSP does not. */
const OF_BODY = /^(?:content-(?!security)|etag$|last-modified$|transfer-encoding$)/;

/**
 * Makes the head as new, for the answer of an error.
 * @param before names of headers that were set before the handler: CORS and the like stay
 */
export function forgetHead(res: Response, before: readonly string[]): void {
  const { sendDate } = res;
  for (const name of res.getHeaderNames()) {
    if (OF_BODY.test(name) || !before.includes(name)) res.removeHeader(name);
  }
  res.sendDate = sendDate; // removeHeader("date") forbids Node's own.
  res.statusCode = 200;
  if (isHttp2(res)) return;
  res.statusMessage = "";
  res.addTrailers({});
}

/** Whether no head that we write into can reach the client any more. */
export function isGone(res: Response): boolean {
  if (isHttp2(res)) {
    const { stream } = res;
    // A handler may also answer on the stream itself: that head has left past us.
    return stream.destroyed || stream.closed || stream.aborted || stream.headersSent;
  }
  // A response that waits behind another one on its connection has no socket yet; its request has. Node ends
  // its side when the client has ended the other.
  const { socket } = res.req;
  return res.destroyed || socket.destroyed || socket.writableEnded;
}

/**
 * Node's field: `null` until the head is made. It is asked instead of `headersSent`, which other libraries, such as
 * @fastify/express, redefine. An object that is no response of Node does not have it.
 */
function headOf(res: Response): string | null | undefined {
  return (res as { readonly _header?: string | null })._header;
}

/** Whether the head has left, whatever the response shows of itself. */
export function isHeadSent(res: Response): boolean {
  if (isHttp2(res)) return res.stream.headersSent;
  const head = headOf(res);
  return head === undefined ? res.headersSent : head !== null && head !== "";
}

/**
 * Whether no head of this response can ever leave: that of an upgrade, or an object in the place of a response. A
 * response that waits behind another one on its connection has no socket either, but that other one has.
 */
export function hasNoHead(res: Response): boolean {
  if (isHttp2(res)) return false;
  if (headOf(res) === undefined || isUpgrade(res)) return true;
  if (res.socket) return false;
  const { _httpMessage: current } = res.req.socket as { readonly _httpMessage?: unknown };
  return !current || current === res;
}

interface RequestParts {
  readonly socket?: unknown;
  /** Node's field, which the types do not have. */
  readonly upgrade?: unknown;
  readonly headers?: { readonly upgrade?: string | undefined };
}

/**
 * Whether a WebSocket takes the connection. @fastify/websocket gives such a response the socket, as if it could answer.
 * The Upgrade header alone says nothing: Node decides by the listeners of its server, and gives what nobody upgrades
 * to the handlers; and a server may answer a client that offers h2c on a response that it has made itself.
 */
function isUpgrade(res: ServerResponse): boolean {
  const { socket, upgrade, headers } = (res.req ?? {}) as RequestParts;
  if (!socket) return true; // An imitation of a request, such as injectWS makes.
  return upgrade === true && headers?.upgrade?.toLowerCase() === "websocket";
}

export function isHttp2(res: Response): res is Http2ServerResponse {
  // Applications put a `stream` of their own on HTTP/1 responses.
  return "stream" in res && typeof res.stream?.respond === "function";
}
