/** Where the cookies of a request may come from: its headers, or a framework's cookie jar. */
import { usageError } from "../errors.ts";
import type { SessionError } from "../errors.ts";

/** The headers of a request, as `node:http` or the Fetch standard gives them: `req.headers`, not `req`. */
export type RequestHeaders = (
  | { readonly cookie?: string | readonly string[] | undefined }
  | { get(name: string): string | null }
) & { readonly headers?: never; readonly req?: never };

/**
 * A cookie jar, as Next, SvelteKit, Astro and others give it: a cookie by its name, as text or as an object. A request
 * that reads its headers in the same way is none.
 */
export interface CookieJar {
  get(name: string): string | { readonly value: string } | null | undefined;
  set(name: string, value: string, options: never): unknown;
  delete(name: string, options: never): unknown;
}

/** What `sessions.open` and `sessions.read` take. */
export type CookieSource = RequestHeaders | CookieJar;

/**
 * The text of the Cookie header, as far as it concerns the cookie called `name`.
 * @throws ERR_SESSION_USE for a request in the place of its headers: it would be nobody's
 */
export function readCookieSource(source: CookieSource, name: string): string | null | undefined {
  const cookie = readCookieHeader(source, name);
  if (Array.isArray(cookie)) return cookie.join("; ");
  if (cookie === undefined || cookie === null || typeof cookie === "string") return cookie;
  throw noHeaders();
}

function readCookieHeader(source: unknown, cookieName: string): unknown {
  if (typeof source !== "object" || source === null) throw noHeaders();
  // Asked first: the Headers of Next has a property `headers` of its own.
  if (isHeaders(source)) return source.get("cookie");
  if (isJar(source)) return readJar(source.get(cookieName), cookieName);
  if ("headers" in source || "req" in source) throw noHeaders();
  // Node writes names in lower case; API Gateway and others as the client did.
  const name = Object.keys(source).find((each) => each.toLowerCase() === "cookie");
  return name === undefined ? undefined : (source as Record<string, unknown>)[name];
}

function readJar(found: unknown, name: string): unknown {
  if (found === undefined || found === null) return undefined;
  const value = typeof found === "object" ? (found as { readonly value?: unknown }).value : found;
  return typeof value === "string" ? `${name}=${value}` : undefined;
}

function noHeaders(): SessionError {
  return usageError(
    "sessions.read and sessions.open take the request's headers: req.headers, or a Headers of the platform; " +
      "or a cookie jar with get(name)",
  );
}

/** Express's requests and Hono's contexts have a `get`, too, but neither `append` nor `set` beside `delete`. */
function isHeaders(source: object): source is { get(name: string): unknown } {
  const { get, has, append } = source as Readonly<Record<string, unknown>>;
  return [get, has, append].every((each) => typeof each === "function");
}

function isJar(source: object): source is CookieJar {
  const { get, set, delete: remove } = source as Readonly<Record<string, unknown>>;
  return [get, set, remove].every((each) => typeof each === "function");
}
