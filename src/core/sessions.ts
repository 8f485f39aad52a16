import { attached, giveBaggage, sessionOf, share } from "./request/attach.ts";
import { configError } from "./errors.ts";
import { readOptions } from "./options/read-options.ts";
import type { Settings } from "./options/read-options.ts";
import { requireRuntime } from "./options/runtime.ts";
import { Reader } from "./request/read-only-host.ts";
import { RequestSession } from "./request/session.ts";
import type { Host } from "./request/session.ts";
import { subjectHelpers } from "./subject-helpers.ts";
import type { SessionOptions } from "./options/session-options.ts";
import type { AnySessions, Conn, RequestHeaders, Session, Sessions } from "./types.ts";

/** What an adapter may do with a `Sessions`: begin a session on a request, then fetch and commit it. */
export interface Filter {
  /** The cookie's name. */
  readonly key: string;
  /** The clock by which sessions end. */
  readonly now: () => number;
  /** The session of a request, when a filter further out has begun it. */
  find(conn: object): RequestSession | undefined;
  /**
   * The session of a request: begun here, or by a filter further out. It is found under each of the objects that
   * a handler may pass to the helpers.
   */
  begin(host: Host, conn: object, alias?: object): RequestSession;
}

const filters = new WeakMap<AnySessions, Filter>();

/** The adapters' side of a `Sessions`. @throws ERR_SESSION_CONFIG for anything else */
export function filterOf(sessions: AnySessions): Filter {
  const filter = filters.get(sessions);
  if (filter) return filter;
  throw configError(
    "session(...) takes what createSessions gives; got something else, or from another copy of sojourn",
  );
}

/**
 * Configures sessions and gives the helpers, typed by the data. Nothing is stored, drawn or timed yet.
 * @throws ERR_SESSION_CONFIG when an option cannot work
 */
export function createSessions<Data extends object = Record<string, unknown>>(
  options: SessionOptions<Data>,
): Sessions<Data> {
  requireRuntime();
  const settings = readOptions(options);
  const slot = Symbol(`sojourn:${settings.key}`);
  const find = (conn: Conn): RequestSession => sessionOf(conn, slot);
  // The class works on any data; this is where it gets the application's type.
  const typed = (session: RequestSession): Session<Data> => session as unknown as Session<Data>;

  const sessions: Sessions<Data> = Object.freeze({
    getSession: (conn: Conn, ...keys: [] | [key: string]): never =>
      find(conn).get(...keys) as never,
    putSession: (conn: Conn, key: string, value: unknown): void => void find(conn).put(key, value),
    deleteSession: (conn: Conn, key: string): void => void find(conn).delete(key),
    updateSession: (conn: Conn, key: string, change: (value: never) => unknown): void =>
      void find(conn).update(key, change as (value: unknown) => unknown),
    configureSession: (conn: Conn, name: string, value: unknown): void =>
      void find(conn).configure(name, value),
    renewSession: (conn: Conn): void => void find(conn).renew(),
    dropSession: (conn: Conn): void => void find(conn).drop(),
    fetchSession: async (conn: Conn): Promise<Session<Data>> => {
      const session = find(conn);
      await session.fetch();
      return typed(session);
    },
    of: (conn: Conn): Session<Data> => typed(find(conn)),
    read: async (headers: RequestHeaders): Promise<Session<Data>> => {
      const session = new RequestSession(settings, new Reader(headers));
      await session.fetch();
      void session.handle; // Looked at now: what a store that answers at once would else read when it is used.
      return typed(session);
    },
    ...(subjectHelpers(settings, find) as Pick<Sessions<Data>, "list" | "revoke" | "revokeOne">),
  });
  filters.set(sessions, createFilter(settings, slot));
  return sessions;
}

function createFilter(settings: Settings, slot: symbol): Filter {
  return {
    key: settings.key,
    now: settings.now,
    find: (conn) => attached(conn, slot),
    begin(host, conn, alias) {
      const baggage = giveBaggage(conn);
      const begun = baggage.find(slot);
      if (begun) return begun;
      const session = new RequestSession(settings, host);
      baggage.put(slot, session);
      if (alias) share(baggage, alias, slot, session);
      return session;
    },
  };
}
