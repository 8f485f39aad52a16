/** The attributes of a cookie: those that were sent, and those that tell cookies of one name apart. */
import type { SessionRecord } from "../store.ts";
import type { CookieSettings } from "../types.ts";
import { DEFAULT_COOKIE, FORGET } from "./set-cookie.ts";
import type { SentCookie } from "./set-cookie.ts";

/** The attributes by which a browser tells cookies of one name apart. */
export type CookiePlace = Pick<CookieSettings, "path" | "domain" | "partitioned">;

const NAMES = Object.keys(DEFAULT_COOKIE) as readonly (keyof CookieSettings)[];

/** The attributes that are no defaults, as a session keeps them; `undefined` if there are none. */
export function besideDefaults(settings: CookieSettings): Partial<CookieSettings> | undefined {
  const others = NAMES.filter((name) => settings[name] !== DEFAULT_COOKIE[name]);
  if (others.length === 0) return undefined;
  return Object.freeze(Object.fromEntries(others.map((name) => [name, settings[name]])));
}

/** The attributes with which the cookie of a session was last sent. */
export function sentSettings({
  sentOptions,
  sentAttributes,
}: Pick<SessionRecord, "sentOptions" | "sentAttributes">): CookieSettings {
  return { ...DEFAULT_COOKIE, ...sentOptions, ...sentAttributes };
}

/** Whether two sets of attributes that are no defaults are the same. */
export function areSameOptions(
  a: Partial<CookieSettings> | undefined,
  b: Partial<CookieSettings> | undefined,
): boolean {
  return a === b || NAMES.every((name) => a?.[name] === b?.[name]);
}

/** Whether a browser takes two cookies of one name for the same. */
export function isSamePlace(a: CookiePlace, b: CookiePlace): boolean {
  return a.path === b.path && a.partitioned === b.partitioned && domainOf(a) === domainOf(b);
}

/** RFC 6265bis 5.6.3: the case of a domain, and a dot in front of it, do not matter. */
function domainOf({ domain }: CookiePlace): string | undefined {
  return domain?.replace(/^\./, "").toLowerCase();
}

const NONE: readonly SentCookie[] = [];

/** The cookies of a name that a browser shall forget when it gets this one: each once, and never this one itself. */
export function formerCookies(
  name: string,
  sent: CookieSettings,
  places: readonly CookiePlace[],
): readonly SentCookie[] {
  if (places.length === 0) return NONE;
  const others: CookiePlace[] = [];
  for (const place of places) {
    if (![sent, ...others].some((each) => isSamePlace(each, place))) others.push(place);
  }
  return others.map(({ path, domain, partitioned }) => ({
    name,
    value: "",
    // A browser accepts a partitioned cookie only if it is Secure.
    settings: { ...sent, path, domain, partitioned, secure: sent.secure || partitioned },
    end: FORGET,
  }));
}
