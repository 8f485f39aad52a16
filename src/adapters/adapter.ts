/**
 * What an adapter for a framework is made of. A framework whose middleware gets a `Request` and gives a `Response` needs
 * `withSession`. One with a cookie jar needs `sessions.open` and `sessions.read`.
 */
import { hostSessionsOf } from "../core/sessions.ts";
import type { AnySessions, ReadonlySession, SessionOf, Sessions } from "../core/types.ts";

export { withAnswer } from "./_seam/with-answer.ts";
export { withSession } from "./_seam/with-session.ts";

export type { CookieJar, CookieSource } from "../core/cookie/cookie-source.ts";
export type { ResponseHeaders } from "../core/cookie/response-headers.ts";
export type { JarCookie, OpenOptions, ReadOptions, SessionAnswer } from "../core/request/answer.ts";
export type { ReadonlySession } from "../core/types.ts";
export type { WithSessionOptions } from "./_seam/with-session.ts";

/** The session that a `Sessions` gives where it is only read. */
export type ReadonlySessionOf<S> = S extends Sessions<infer Data> ? ReadonlySession<Data> : never;

/** Gives the name of the cookie of these sessions, which a framework's jar is asked for. */
export function cookieNameOf(sessions: AnySessions): string {
  return hostSessionsOf(sessions).cookieName;
}

/**
 * Gives the session of a request, or of another object that carries it, if there is one. `sessions.of` throws
 * ERR_SESSION_NOT_FETCHED instead.
 */
export function findSession<S extends AnySessions>(
  sessions: S,
  conn: object,
): SessionOf<S> | undefined {
  return hostSessionsOf(sessions).find(conn)?.exposed as SessionOf<S> | undefined;
}
