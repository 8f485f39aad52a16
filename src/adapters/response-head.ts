import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { AnswerHeaders } from "../core/answer.ts";

type Response = ServerResponse | Http2ServerResponse;

/** The headers of a response whose head has not left. */
export class HeadersOf implements AnswerHeaders {
  readonly #res: Response;

  constructor(res: Response) {
    this.#res = res;
  }

  get(name: string): string | undefined {
    const value = this.#find(name);
    return Array.isArray(value) ? value.join(", ") : value?.toString();
  }

  set(name: string, value: string): void {
    this.#res.setHeader(name, value);
  }

  /** Adds a value that is not there yet: the same outcome may be written again. */
  append(name: string, value: string): void {
    const found = this.#find(name) ?? [];
    const values = Array.isArray(found) ? found : [String(found)];
    if (values.includes(value)) return;
    // Not appendHeader: it pushes into the handler's own array, which may be a constant of the application,
    // and then the next browser gets this session.
    this.#res.setHeader(name, [...values, value]);
  }

  #find(name: string): OutgoingHttpHeader | undefined {
    return this.#res.getHeader(name);
  }
}

/** Whether writeHead takes these arguments; what it refuses, it shall refuse itself. */
export function isHead([status]: readonly unknown[]): boolean {
  return typeof status === "number" && status >= 100 && status <= 999;
}

/**
 * Moves the headers that were given to writeHead into the response, so that a `Set-Cookie` among them leaves
 * beside ours. Gives the arguments that are left.
 */
export function adoptHead(res: Response, args: readonly unknown[]): readonly unknown[] {
  const [status, reason] = args;
  const given = typeof reason === "string" ? args[2] : (args[2] ?? reason);
  for (const [name, value] of readPairs(given)) res.setHeader(name, value);
  return typeof reason === "string" ? [status, reason] : [status];
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

/** Whether nothing that is written can reach the client any more. */
export function isGone(res: Response): boolean {
  if (isHttp2(res)) return res.stream.destroyed || res.stream.closed || res.stream.aborted;
  // A response that waits behind another one on its connection has no socket yet; its request has. Node ends
  // its side when the client has ended the other.
  const { socket } = res.req;
  return res.destroyed || socket.destroyed || socket.writableEnded;
}

function isHttp2(res: Response): res is Http2ServerResponse {
  // Applications put a `stream` of their own on HTTP/1 responses.
  return "stream" in res && typeof res.stream?.respond === "function";
}
