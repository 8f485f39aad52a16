import { usageError } from "../errors.ts";
import type { Host } from "./host.ts";
import type { RequestHeaders } from "../types.ts";

/** The host behind `sessions.read`: nobody commits, because another library writes the head of the response. */
export class ReadOnlyHost implements Host {
  readonly anonymousOnError = false;
  readonly #cookie: string | null | undefined;

  /** @throws ERR_SESSION_USE for a request in the place of its headers: it would be nobody's */
  constructor(headers: RequestHeaders) {
    if (
      typeof headers !== "object" ||
      headers === null ||
      "headers" in headers ||
      "req" in headers
    ) {
      throw usageError(
        "sessions.read(headers) takes the request's headers: req.headers, or a Headers of the platform",
      );
    }
    const cookie = isHeaders(headers) ? headers.get("cookie") : headers.cookie;
    this.#cookie = typeof cookie === "object" ? cookie?.join("; ") : cookie;
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
}

function isHeaders(headers: object): headers is { get(name: string): string | null } {
  return "get" in headers && typeof headers.get === "function";
}
