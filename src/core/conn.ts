import { SessionError } from "./errors.ts";
import type { RequestSession } from "./session.ts";

const BAGGAGE = Symbol("sojourn");

/**
 * All that a request carries for us, under one symbol: Express changes the prototype of its requests, and each
 * property that is added to such an object is slow.
 */
export interface Baggage {
  /** The sessions, each under the slot of its `createSessions` and the names that hosts gave it: mostly one or two. */
  readonly sessions: Place[];
  /** What keeps the response back. */
  hold: object | undefined;
}

interface Place {
  readonly slot: symbol | string;
  readonly session: RequestSession;
}

type Carrier = { [BAGGAGE]?: Baggage };

export function baggageOf(conn: object): Baggage | undefined {
  return (conn as Carrier)[BAGGAGE];
}

/** The baggage of a request, empty when it had none. */
export function giveBaggage(conn: object): Baggage {
  const carrier = conn as Carrier;
  return (carrier[BAGGAGE] ??= { sessions: [], hold: undefined });
}

export function attach(conn: object, slot: symbol | string, session: RequestSession): void {
  giveBaggage(conn).sessions.push({ slot, session });
}

export function attached(conn: object, slot: symbol | string): RequestSession | undefined {
  const sessions = baggageOf(conn)?.sessions;
  if (!sessions) return undefined;
  for (const place of sessions) if (place.slot === slot) return place.session;
  return undefined;
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
