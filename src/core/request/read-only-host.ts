import { usageError } from "../errors.ts";
import type { SessionError } from "../errors.ts";
import type { Host } from "./host.ts";
import type { RequestHeaders } from "../types.ts";

/** The host behind `sessions.read`: nobody commits, because another library writes the head of the response. */
export class ReadOnlyHost implements Host {
  readonly anonymousOnError = false;
  readonly isActivity = false;
  readonly #cookie: string | null | undefined;

  /** @throws ERR_SESSION_USE for a request in the place of its headers: it would be nobody's */
  constructor(headers: RequestHeaders) {
    const cookie: unknown = readCookieHeader(headers);
    if (Array.isArray(cookie)) this.#cookie = cookie.join("; ");
    else if (cookie === undefined || cookie === null || typeof cookie === "string") {
      this.#cookie = cookie;
    } else throw noHeaders();
  }

  cookieHeader(): string | null | undefined {
    return this.#cookie;
  }

  onFirstLook(): boolean {
    return false;
  }

  isInsecure(): boolean {
    return false;
  }

  isGone(): boolean {
    return true;
  }

  onGone(): void {}
}

function readCookieHeader(headers: unknown): unknown {
  if (typeof headers !== "object" || headers === null) throw noHeaders();
  // Asked first: the Headers of Next has a property `headers` of its own.
  if (isHeaders(headers)) return headers.get("cookie");
  if ("headers" in headers || "req" in headers) throw noHeaders();
  // Node writes names in lower case; API Gateway and others as the client did.
  const name = Object.keys(headers).find((each) => each.toLowerCase() === "cookie");
  return name === undefined ? undefined : (headers as Record<string, unknown>)[name];
}

function noHeaders(): SessionError {
  return usageError(
    "sessions.read(headers) takes the request's headers: req.headers, or a Headers of the platform",
  );
}

/** Express's requests and Hono's contexts have a `get`, too, but none that goes with `has`. */
function isHeaders(headers: object): headers is { get(name: string): unknown } {
  const { get, has } = headers as Readonly<Record<string, unknown>>;
  return typeof get === "function" && typeof has === "function";
}
