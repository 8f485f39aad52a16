import { Asked } from "./asked.ts";
import { andThen, recover, together } from "../awaitable.ts";
import type { Awaitable } from "../awaitable.ts";
import { MAX_CANDIDATES, MOST_COOKIES, readCookies } from "../cookie/read-cookies.ts";
import type { ResolvedOptions } from "../options/read-options.ts";
import { asStoreError } from "../store-errors.ts";
import type { Share } from "./share.ts";
import type { FoundSession, SessionBackend } from "../store.ts";
import { Theirs } from "./theirs.ts";

/** The store's result for the cookies of one request, which is not opened yet. */
export interface Found {
  readonly cookies: readonly string[];
  /** The session of each cookie; empty if there are more cookies than a load tries. */
  readonly sessions: readonly FoundSession[];
  /** What the store has thrown for others of several cookies. */
  readonly failure?: FindFailure | undefined;
  /** When the store was asked. Deadlines are judged by this time, even if the handler looks later. */
  readonly at: number;
  /** The cookies of other libraries; absent if there are none that count. */
  readonly theirs?: Theirs | undefined;
  /** Whether the session was made of one of theirs, so that the browser does not have its cookie. */
  readonly isAdopted?: boolean;
}

/** Cookies for which the store has failed. */
export interface FindFailure {
  readonly error: unknown;
  readonly cookies: readonly string[];
}

/** What the store does then, for the message of its failure. */
export const LOADING = "loading a session";

/** The result for a request without a cookie of the name. */
export const NOTHING_FOUND: Found = { cookies: [], sessions: [], at: 0 };

/** Asks the store for each cookie of the name. Without one, no store is called. */
export function findSessions(
  options: ResolvedOptions,
  header: string | null | undefined,
  time: { readonly share: Share | undefined },
): Awaitable<Found> {
  const finding = findOurs(options, header, time);
  const theirs = options.adopt && Theirs.of(options, options.adopt, header);
  if (!theirs) return finding;
  return andThen(finding, (found): Awaitable<Found> => {
    const both = { ...found, theirs };
    if (isAnybody(options, found)) return both;
    return andThen(theirs.adopt(time.share), (adopted) =>
      adopted
        ? {
            cookies: [adopted.cookie],
            sessions: [adopted.found],
            at: options.now(),
            theirs,
            isAdopted: true,
          }
        : both,
    );
  });
}

/** Whether our cookies open something, or may for another process: then no other cookie counts. */
function isAnybody(options: ResolvedOptions, { cookies, sessions, at, failure }: Found): boolean {
  if (failure || (cookies.length > 0 && sessions.length === 0)) return true;
  return sessions.some((session) => {
    const opened = session.open(at);
    if ("refused" in opened) return opened.refused === "unknown-format";
    return options.expiryOf(opened.record, at) === undefined;
  });
}

function findOurs(
  { cookieName, backend, now }: ResolvedOptions,
  header: string | null | undefined,
  time: { readonly share: Share | undefined },
): Awaitable<Found> {
  const cookies = readCookies(header, cookieName, backend.isForged && MOST_COOKIES);
  const [cookie] = cookies;
  if (cookie === undefined) return NOTHING_FOUND;
  const at = now();
  if (isTooMany(cookies, backend)) {
    return { cookies: readCookies(header, cookieName, MOST_COOKIES), sessions: [], at };
  }
  const { share } = time;
  share?.begin();
  const finding =
    cookies.length === 1
      ? andThen(backend.find(cookie, undefined, share), (found) => ({
          cookies,
          sessions: [found],
          at,
        }))
      : findEach(backend, cookies, at, share);
  return share ? share.bound(finding) : finding;
}

/** Asks for several cookies at once. A failure for one takes nothing from the others. */
function findEach(
  backend: SessionBackend,
  cookies: readonly string[],
  at: number,
  share: Share | undefined,
): Awaitable<Found> {
  const asked = new Asked();
  const finding = together(cookies.map((each) => () => tryToFind(backend, each, asked, share)));
  return andThen(finding, (tried) => sort(tried, at));
}

interface Tried {
  readonly cookie: string;
  readonly found: FoundSession | { readonly error: unknown };
}

function tryToFind(
  backend: SessionBackend,
  cookie: string,
  asked: Asked,
  share: Share | undefined,
): Awaitable<Tried> {
  return recover(
    () =>
      andThen(
        asStoreError(() => backend.find(cookie, asked, share), LOADING),
        (found): Tried => ({ cookie, found }),
      ),
    (error) => ({ cookie, found: { error } }),
  );
}

/** Sorts what the store has found from what it has failed for. @throws the failure, if there is nothing else */
function sort(tried: readonly Tried[], at: number): Found {
  const cookies: string[] = [];
  const sessions: FoundSession[] = [];
  const failed: string[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (const { cookie, found } of tried) {
    if ("error" in found) {
      failure ??= found;
      failed.push(cookie);
    } else {
      cookies.push(cookie);
      sessions.push(found);
    }
  }
  if (!failure) return { cookies, sessions, at };
  if (sessions.length === 0) throw failure.error;
  return { cookies, sessions, at, failure: { ...failure, cookies: failed } };
}

/** Cookies that this application has not issued do not count: anybody who can set cookies could shut a user out. */
function isTooMany(cookies: readonly string[], { isForged }: SessionBackend): boolean {
  if (cookies.length <= MAX_CANDIDATES) return false;
  if (!isForged) return true;
  return cookies.filter((cookie) => !isForged(cookie)).length > MAX_CANDIDATES;
}
