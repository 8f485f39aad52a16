import { readCookieSource } from "./cookie/cookie-source.ts";
import { configError, usageError } from "./errors.ts";
import { readOptions } from "./options/read-options.ts";
import type { ResolvedOptions } from "./options/read-options.ts";
import { requireRuntime } from "./options/runtime.ts";
import type { SessionOptions } from "./options/session-options.ts";
import {
  findHostSession,
  findRequestState,
  lendSession,
  shareRequestState,
} from "./request/attach.ts";
import type { RequestState } from "./request/attach.ts";
import { HostSession } from "./request/host-session.ts";
import type { Host } from "./request/host.ts";
import { commitOpened } from "./request/commit-opened.ts";
import { OpenHost, ReadOnlyHost } from "./request/lone-hosts.ts";
import { hostSessionOf } from "./request/session.ts";
import type { RequestSession } from "./request/session.ts";
import { subjectHelpers } from "./subject-helpers.ts";
import type { SubjectMethods } from "./subject/session-info.ts";
import type { AnySessions, Conn, Session, Sessions } from "./types.ts";

/** The part of a `Sessions` that an adapter uses to begin a session on each request. */
export interface HostSessions {
  readonly cookieName: string;
  /** The clock by which sessions end. */
  readonly now: () => number;
  /** The session of a request, if a middleware has begun it. */
  find(conn: object): HostSession | undefined;
  /**
   * Gives the session of a request, which this call or a middleware further out has begun.
   * @param state the state that the request carries for us
   * @param alias another object that the handler may pass to the helpers
   */
  begin(host: Host, state: RequestState, alias?: object): Begun;
}

/** A session that stands on a request. */
export interface Begun {
  readonly session: HostSession;
  /** Whether this call has begun it: then the caller commits, else the middleware further out does. */
  readonly outermost: boolean;
}

const hostSessions = new WeakMap<AnySessions, HostSessions>();

/** Gives the adapters' side of a `Sessions`. @throws ERR_SESSION_CONFIG for anything else */
export function hostSessionsOf(sessions: AnySessions): HostSessions {
  const found = hostSessions.get(sessions);
  if (found) return found;
  throw configError(
    "session(...) takes what createSessions gives; got something else, or from another copy of sojourn",
  );
}

/**
 * Configures sessions and gives the helpers, typed by the data. It calls no store, draws no random number and starts no
 * timer.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * import { cookieStore, createSessions } from "sojourn";
 *
 * export const sessions = createSessions<{ user_id: string }>({
 *   store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
 *   key: "__Host-session",
 *   subject: "user_id",
 * });
 * ```
 */
export function createSessions<Data extends object = Record<string, unknown>>(
  options: SessionOptions<Data>,
): Sessions<Data> {
  requireRuntime();
  const resolved = readOptions(options);
  const slot = Symbol(`sojourn:${resolved.cookieName}`);
  const hostOf = (conn: Conn): HostSession => findHostSession(conn, slot, resolved.cookieName);
  // The class does not know the data's type; here it gets the type of this application's data.
  const typed = ({ exposed }: HostSession): Session<Data> => exposed as RequestSession<Data>;
  const find = (conn: Conn): RequestSession<Data> => hostOf(conn).session as RequestSession<Data>;
  type Key = keyof Data & string;

  const sessions: Sessions<Data> = Object.freeze({
    getSession: (...[conn, ...keys]: [conn: Conn, ...keys: [] | [key: Key]]): never =>
      (keys.length === 0 ? find(conn).get() : find(conn).get(keys[0])) as never,
    putSession: (conn, key, value) => void find(conn).put(key, value),
    deleteSession: (conn, key) => void find(conn).delete(key),
    updateSession: (conn, key, change) => void find(conn).update(key, change),
    configureSession: (conn, ...setting) => void find(conn).configure(...setting),
    renewSession: (conn) => void find(conn).renew(),
    dropSession: (conn) => void find(conn).drop(),
    fetchSession: async (conn) => {
      const host = hostOf(conn);
      await host.fetchOrThrow();
      return typed(host);
    },
    of: (conn) => typed(hostOf(conn)),
    read: async (source, reading = {}) => {
      const cookie = readCookieSource(source, resolved.cookieName);
      const host = new HostSession(resolved, new ReadOnlyHost(cookie, reading));
      await host.fetchOrThrow();
      return typed(host);
    },
    open: async (source, opening = {}) => {
      const cookie = readCookieSource(source, resolved.cookieName);
      const host = new HostSession(resolved, new OpenHost(cookie, opening));
      await host.fetchOrThrow();
      return { session: typed(host), commit: async () => commitOpened(host) };
    },
    lend: (session, to) => {
      const host = hostSessionOf(session);
      if (!host?.isOf(resolved)) {
        throw usageError("lend(session, to) takes a session of these sessions: sessions.of(conn)");
      }
      lendSession(to, slot, host);
    },
    ...(subjectHelpers(resolved, hostOf) as SubjectMethods<Data>),
  } satisfies Sessions<Data>);
  hostSessions.set(sessions, createHostSessions(resolved, slot));
  return sessions;
}

function createHostSessions(options: ResolvedOptions, slot: symbol): HostSessions {
  return {
    cookieName: options.cookieName,
    now: options.now,
    find: (conn) => findRequestState(conn)?.find(slot),
    begin(host, state, alias) {
      const own = state.find(slot);
      if (own) return { session: own, outermost: false };
      const lent = alias && findRequestState(alias)?.find(slot);
      if (lent) {
        state.add(slot, lent);
        return { session: lent, outermost: false };
      }
      state.refuseSecond(options.cookieName);
      const other = alias && shareRequestState(state, alias);
      if (other && other !== state) other.refuseSecond(options.cookieName);
      const begun = new HostSession(options, host);
      state.add(slot, begun);
      if (other && other !== state) other.add(slot, begun);
      return { session: begun, outermost: true };
    },
  };
}
