/**
 * What a Response was made from. Hono's server for Node replaces the global class by one that keeps it, and sends it any
 * number of times. As soon as somebody reads `body`, or nearly any other field, such a Response becomes one of the
 * platform, and its next sending uses the body up. So these functions read no field of it but `status` and `headers`.
 */

/** What Hono's server sends as it is. */
type Source = string | Uint8Array | Blob | ReadableStream | null;

/** Gives what the response was made from, or `undefined` if only its body can tell. */
export function sourceOf(response: Response): Source | undefined {
  for (const key of Object.getOwnPropertySymbols(response)) {
    if (key.description !== "cache") continue;
    const cache = (response as unknown as Readonly<Record<symbol, unknown>>)[key];
    if (!Array.isArray(cache)) continue;
    const [, source] = cache as readonly unknown[]; // Before it is the status, and after it are the headers.
    if (isSource(source)) return source;
  }
  return undefined;
}

/** Gives what a copy of the response can be made from. */
export function bodyOf(response: Response): Source {
  const source = sourceOf(response);
  return source === undefined ? response.body : source;
}

/** Gives a copy that has these headers instead. */
export function copyOf(response: Response, headers: Headers): Response {
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
