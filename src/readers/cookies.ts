import { createHmac, timingSafeEqual } from "node:crypto";
import type { OldCookies, SessionReader } from "../core/cookie/old-session.ts";
import { configError, describe, refuseUnknownOptions } from "../core/errors.ts";

/** What every reader takes: the cookie, as the library has sent it. */
export interface CookieOptions {
  /** The cookie's name. The default is the library's own. */
  readonly name?: string | undefined;
  /** The path of the cookie. Default `"/"`. */
  readonly path?: string | undefined;
  /** The domain of the cookie, if the library has sent one. */
  readonly domain?: string | undefined;
  readonly partitioned?: boolean | undefined;
}

/** One key, or several of which the library has used one. */
export type Keys = string | undefined | readonly (string | undefined)[];

const PLACE = ["name", "path", "domain", "partitioned"];

/**
 * Begins a reader: checks the names of its options and the cookie's name.
 * @param known the options that the reader has beside those of the cookie
 */
export function readCookieOptions(
  reader: string,
  options: CookieOptions | undefined,
  fallback: string | undefined,
  known: readonly string[],
): { readonly name: string; readonly place: NonNullable<SessionReader["place"]> } {
  if (typeof options !== "object" || options === null) {
    throw configError(
      `${reader} takes an object with ${known.join(", ")}, got ${describe(options)}`,
    );
  }
  refuseUnknownOptions(reader, options, [...PLACE, ...known], {
    cookieName: "name",
    sessionName: "name",
  });
  const { name = fallback, path, domain, partitioned } = options;
  if (typeof name !== "string" || name === "") {
    throw configError(`${reader} needs name: the name of the old cookie, got ${describe(name)}`);
  }
  return { name, place: { path, domain, partitioned } };
}

/** @throws ERR_SESSION_CONFIG if a key is missing */
export function readKeys(where: string, keys: unknown): readonly string[] {
  const given: readonly unknown[] = Array.isArray(keys) ? keys : [keys];
  if (given.length > 0 && given.every((key) => typeof key === "string" && key !== "")) {
    return given as readonly string[];
  }
  // Not even its beginning is shown: it is a secret.
  throw configError(
    `${where} must be the secret of the old sessions, or a list of them (is the environment variable set?)`,
  );
}

/** The value of a cookie, as libraries read it: with its percent signs decoded, if they can be. */
export function decoded(cookies: OldCookies, name: string): string {
  const value = cookies.get(name) ?? "";
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Whether one of the keys has signed the text. */
export function isSigned(
  text: string,
  signature: string,
  keys: readonly string[],
  algorithm: string,
  write: (digest: Buffer) => string,
): boolean {
  return keys.some((key) =>
    isSameText(write(createHmac(algorithm, key).update(text).digest()), signature),
  );
}

/** Compares in constant time. */
export function isSameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function withoutPadding(digest: Buffer): string {
  return digest.toString("base64").replace(/=+$/, "");
}

/** Splits `value.signature`, and gives the value if a key has signed it: the form of express-session and others. */
export function unsigned(signed: string, keys: readonly string[]): string | undefined {
  const dot = signed.lastIndexOf(".");
  if (dot < 1) return undefined;
  const value = signed.slice(0, dot);
  return isSigned(value, signed.slice(dot + 1), keys, "sha256", withoutPadding) ? value : undefined;
}

/** Reads JSON that a browser has brought; `undefined` if it is no object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
