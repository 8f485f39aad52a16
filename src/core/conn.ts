import { SessionError } from "./errors.ts";
import type { RequestSession } from "./session.ts";

/**
 * Where a request keeps its sessions: under a symbol per `createSessions`, which costs a fraction of a
 * WeakMap, and cannot meet a name of the host's.
 */
type Carrier = { [slot: symbol]: RequestSession | undefined };

export function attach(conn: object, slot: symbol, session: RequestSession): void {
  (conn as Carrier)[slot] = session;
}

export function attached(conn: object, slot: symbol): RequestSession | undefined {
  return (conn as Carrier)[slot];
}

/** The session of a request. @throws ERR_SESSION_NOT_FETCHED where no filter has seen the request */
export function sessionOf(conn: unknown, slot: symbol): RequestSession {
  const session = typeof conn === "object" && conn !== null ? attached(conn, slot) : undefined;
  if (session) return session;
  throw new SessionError(
    "ERR_SESSION_NOT_FETCHED",
    "this request has no session; register the host's filter, session(sessions), above the handler " +
      "and pass the host's request: req, request, c, ctx, event or conn",
  );
}
