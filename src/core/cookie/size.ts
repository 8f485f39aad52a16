import { encode } from "../data/codec.ts";
import { SessionError } from "../errors.ts";
import { MAX_COOKIE } from "./set-cookie.ts";
import type { SessionRecord } from "../store.ts";

/** Whether browsers would drop a cookie for its length. Name and value are ASCII, so that characters are bytes. */
export function isTooLong(key: string, cookie: string): boolean {
  return key.length + cookie.length > MAX_COOKIE;
}

/** Makes the error that names the keys which make a cookie too long. */
export function overflow(
  key: string,
  cookie: string,
  { data, flash }: SessionRecord,
): SessionError {
  const sizes = [
    ...Object.entries(data).map(([name, value]) => [`"${name}"`, sizeOf(value)] as const),
    ...Object.entries(flash).map(
      ([name, message]) => [`message "${name}"`, sizeOf(message)] as const,
    ),
  ];
  const largest = sizes
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, size]) => `${name} (about ${size} bytes)`);
  return new SessionError(
    "ERR_SESSION_COOKIE_OVERFLOW",
    `the session cookie "${key}" would be ${key.length + cookie.length} bytes with its name, ` +
      `browsers keep ${MAX_COOKIE}; the largest keys are ${largest.join(", ")}; ` +
      "keep less in the session, or keep it in a table",
  );
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(encode(value));
}
