import { Asked } from "../asked.ts";
import { andThen, together } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { MAX_CANDIDATES, MOST_COOKIES, readCookies } from "../cookie/read-cookies.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import type { FoundSession, SessionBackend } from "../store.ts";

/** The store's result for the cookies of one request, which is not opened yet. */
export interface Found {
  readonly cookies: readonly string[];
  /** The session of each cookie; empty if there are more cookies than a load tries. */
  readonly sessions: readonly FoundSession[];
  /** When the store was asked. Deadlines are judged by this time, even if the handler looks later. */
  readonly at: number;
}

/** The result for a request without a cookie of the name. */
export const NOTHING_FOUND: Found = { cookies: [], sessions: [], at: 0 };

/** Asks the store for each cookie of the name. Without one, no store is called. */
export function findSessions(
  { cookieName, backend, now }: ResolvedOptions,
  header: string | null | undefined,
): Awaitable<Found> {
  const cookies = readCookies(header, cookieName, backend.isForged && MOST_COOKIES);
  const [cookie] = cookies;
  if (cookie === undefined) return NOTHING_FOUND;
  const at = now();
  if (isTooMany(cookies, backend)) {
    return { cookies: readCookies(header, cookieName, MOST_COOKIES), sessions: [], at };
  }
  if (cookies.length === 1) {
    return andThen(backend.find(cookie), (session) => ({ cookies, sessions: [session], at }));
  }
  const asked = new Asked();
  const finding = together(cookies.map((each) => () => backend.find(each, asked)));
  return andThen(finding, (sessions) => ({ cookies, sessions, at }));
}

/** Cookies that this application has not issued do not count: anybody who can set cookies could shut a user out. */
function isTooMany(cookies: readonly string[], { isForged }: SessionBackend): boolean {
  if (cookies.length <= MAX_CANDIDATES) return false;
  if (!isForged) return true;
  return cookies.filter((cookie) => !isForged(cookie)).length > MAX_CANDIDATES;
}
