/**
 * What a Response was made from. Hono's server for Node replaces the global class by one that keeps it, and sends it any
 * number of times. As soon as somebody reads `body`, or nearly any other field, such a Response becomes one of the
 * platform, and its next sending uses the body up. So these functions read no field of it but `status` and `headers`.
 *
 * Even `headers` makes a whole Headers object, from which the server then has to sort a list. As long as the headers are
 * a plain object, they are read, and copied, as one.
 */
import { PlainHeaders } from "./plain-headers.ts";
import type { ResponseHeaders } from "../../core/cookie/response-headers.ts";

/** What Hono's server sends as it is. */
type Source = string | Uint8Array | Blob | ReadableStream | null;

/** What Hono's server keeps of a Response. */
type Kept = readonly [status: number, source: Source, headers: unknown];

/** The name under which the server keeps it, once one was seen. */
let known: symbol | undefined;

function keptOf(response: Response): Kept | undefined {
  const fields = response as unknown as Readonly<Record<symbol, unknown>>;
  if (known && isKept(fields[known])) return fields[known] as Kept;
  for (const key of Object.getOwnPropertySymbols(response)) {
    if (key.description !== "cache" || !isKept(fields[key])) continue;
    known = key;
    return fields[key];
  }
  return undefined;
}

function isKept(cache: unknown): cache is Kept {
  return Array.isArray(cache) && isSource(cache[1]);
}

/** Gives what the response was made from, or `undefined` if only its body can tell. */
export function sourceOf(response: Response): Source | undefined {
  return keptOf(response)?.[1];
}

/** Gives the headers to read. */
export function headersOf(response: Response): Pick<ResponseHeaders, "get"> {
  return plainHeadersOf(keptOf(response)) ?? response.headers;
}

/** Gives a copy of the response whose headers `write` may change. */
export function copyWithHeaders(
  response: Response,
  write: (headers: ResponseHeaders) => void,
): Response {
  const kept = keptOf(response);
  const plain = plainHeadersOf(kept);
  if (kept && plain) {
    write(plain);
    if (plain.isPlain) return new Response(kept[1], { status: kept[0], headers: plain.object });
  }
  const headers = new Headers(response.headers);
  write(headers);
  return copyOf(response, headers);
}

function plainHeadersOf(kept: Kept | undefined): PlainHeaders | undefined {
  if (!kept) return undefined;
  const [, source, headers] = kept;
  if (headers === undefined) return new PlainHeaders(source === null ? {} : ofText());
  return PlainHeaders.from(headers);
}

let textHeaders: Readonly<Record<string, string>> | undefined;

/** What the server sends with a body whose headers nobody has given. */
function ofText(): Readonly<Record<string, string>> {
  return (textHeaders ??= Object.fromEntries(new Response("").headers));
}

/** Gives what a copy of the response can be made from. */
export function bodyOf(response: Response): Source {
  const source = sourceOf(response);
  return source === undefined ? response.body : source;
}

/** Gives a copy that has these headers instead. */
function copyOf(response: Response, headers: Headers): Response {
  const { status } = response;
  const source = sourceOf(response);
  // Hono's server sends no status text of the application, so the copy needs none.
  if (source !== undefined) return new Response(source, { status, headers });
  return new Response(response.body, { status, statusText: response.statusText, headers });
}

/** Whether somebody has begun to read the body. */
export function isUsed(response: Response): boolean {
  return sourceOf(response) === undefined && response.bodyUsed;
}

/** Whether this is `Response.error()`, of which no copy can be made. The server answers it with an error of its own. */
export function isError(response: Response): boolean {
  return sourceOf(response) === undefined && response.type === "error";
}

function isSource(value: unknown): value is Source {
  return (
    value === null ||
    typeof value === "string" ||
    value instanceof Uint8Array ||
    value instanceof Blob ||
    value instanceof ReadableStream
  );
}
