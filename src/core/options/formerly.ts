import { isSamePlace } from "../cookie/attributes.ts";
import type { CookiePlace } from "../cookie/attributes.ts";
import { checkCookieSettings } from "../cookie/set-cookie.ts";
import { configError, describe, refuseUnknownOptions } from "../errors.ts";
import type { CookieSettings } from "../types.ts";

const NAMES: readonly string[] = ["path", "domain", "partitioned"];

/** The attributes that do not tell cookies apart: a cookie that has others now replaces the former one. */
const NOT_NEEDED = "nothing: the new cookie replaces one that differs only in this";
const OTHERS: Readonly<Record<string, string>> = {
  secure: NOT_NEEDED,
  httpOnly: NOT_NEEDED,
  sameSite: NOT_NEEDED,
  persist: NOT_NEEDED,
  key: "nothing: a cookie of another name opens nothing here",
  name: "nothing: a cookie of another name opens nothing here",
};

/** Each is one more header in every answer that sets the cookie. */
const MOST = 8;

/**
 * Reads the option `formerly`.
 * @throws ERR_SESSION_CONFIG if a browser cannot have such a cookie, or if it is the cookie of now
 */
export function readFormerly(
  given: unknown,
  cookieName: string,
  now: CookieSettings,
): readonly CookiePlace[] {
  if (given === undefined) return [];
  if (!Array.isArray(given) || given.length > MOST) {
    throw configError(
      `formerly must be a list of up to ${MOST} cookie attributes of earlier deployments, ` +
        `for example formerly: [{ domain: "example.com" }], got ${describe(given)}`,
    );
  }
  return given.map((each: unknown, at) => readPlace(each, `formerly[${at}]`, cookieName, now));
}

function readPlace(
  given: unknown,
  where: string,
  cookieName: string,
  now: CookieSettings,
): CookiePlace {
  if (typeof given !== "object" || given === null) {
    throw configError(
      `${where} must be an object such as { path: "/app" }, got ${describe(given)}`,
    );
  }
  refuseUnknownOptions(where, given, NAMES, OTHERS);
  const { path = "/", domain, partitioned = false } = given as Partial<CookieSettings>;
  const place = { path, domain, partitioned };
  checkCookieSettings(cookieName, { ...now, ...place }, (message) =>
    configError(`${where} cannot be: ${message}`),
  );
  if (!isSamePlace(place, now)) return Object.freeze(place);
  throw configError(
    `${where} has the path, the domain and the partition of the cookie now; name those that it had before`,
  );
}
