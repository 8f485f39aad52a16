/** What stays of a session when another subject takes it, or when it has none any more: the option `carry`. */
import type { CookieSettings } from "../types.ts";
import { define } from "../data/values.ts";
import { configError, describe } from "../errors.ts";
import type { SessionData } from "../store.ts";

/** Whether a session whose subject was `before` starts empty for `after`. What nobody has put stays for who signs in. */
export function endsData(before: string | undefined, after: string | undefined): boolean {
  return before !== undefined && after !== before;
}

/** Gives the data of those keys. */
export function carried(data: SessionData, keys: readonly string[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(data, key)) define(kept, key, data[key]);
  return kept;
}

/**
 * Gives the attributes that stay. Path, domain and partitioned name the cookie: with others it would be a second one.
 * Secure stays where it was asked for, because a partitioned cookie needs it, and because over http no other cookie
 * replaces a secure one. All else was a wish of the subject before, such as a cookie that scripts may read.
 */
export function carriedAttributes({
  path,
  domain,
  partitioned,
  secure,
}: Partial<CookieSettings>): Partial<CookieSettings> {
  return {
    ...(path !== undefined && { path }),
    ...(domain !== undefined && { domain }),
    ...(partitioned !== undefined && { partitioned }),
    ...(secure === true && { secure }),
  };
}

/**
 * Reads the option `carry`.
 * @throws ERR_SESSION_CONFIG for anything but data keys other than the subject's, or without `subject`
 */
export function readCarry(carry: unknown, subject: unknown, schema: unknown): readonly string[] {
  if (carry === undefined) return [];
  if (!Array.isArray(carry) || !carry.every((key) => typeof key === "string")) {
    throw configError(`carry must be an array of data keys, got ${describe(carry)}`);
  }
  if (subject === undefined) {
    throw configError(
      "carry names what stays when the subject changes: give the option subject as well",
    );
  }
  const keys: readonly string[] = carry;
  if (keys.some((key) => key === subject)) {
    throw configError("carry names the subject's own key, which says who comes and who goes");
  }
  const unknown = keys.find((key) => schema !== undefined && !Object.hasOwn(schema as object, key));
  if (unknown !== undefined) throw configError(`carry names "${unknown}", which schema does not`);
  return [...keys];
}
