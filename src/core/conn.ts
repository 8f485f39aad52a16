import { SessionError } from "./errors.ts";
import type { RequestSession } from "./session.ts";

const BAGGAGE = Symbol("sojourn");

/** All that a request carries for us. */
export interface Baggage {
  /** The sessions: mostly one. */
  place: Place | undefined;
  /** What keeps the response back. */
  hold: object | undefined;
}

/** A session under the slot of its `createSessions`, or under a name that a host gave it. */
interface Place {
  readonly slot: symbol | string;
  readonly session: RequestSession;
  readonly next: Place | undefined;
}

type Carrier = { [BAGGAGE]?: Baggage };

const beside = new WeakMap<object, Baggage>();

/**
 * Keeps what a request carries beside it: for a host that changes the prototype of its requests, as Express does.
 * Each of them then has a hidden class of its own, and one property more costs as much as a small session.
 */
export function carryBeside(conn: object): void {
  if (!beside.has(conn)) beside.set(conn, newBaggage());
}

export function baggageOf(conn: object): Baggage | undefined {
  return beside.get(conn) ?? (conn as Carrier)[BAGGAGE];
}

/** The baggage of a request, empty when it had none. */
export function giveBaggage(conn: object): Baggage {
  const there = baggageOf(conn);
  if (there) return there;
  const baggage = newBaggage();
  (conn as Carrier)[BAGGAGE] = baggage;
  return baggage;
}

function newBaggage(): Baggage {
  return { place: undefined, hold: undefined };
}

export function attach(conn: object, slot: symbol | string, session: RequestSession): void {
  const baggage = giveBaggage(conn);
  baggage.place = { slot, session, next: baggage.place };
}

/** Attaches a session to another object of the same request too: the two carry the same, if they can. */
export function attachAlias(
  alias: object,
  conn: object,
  slot: symbol,
  session: RequestSession,
): void {
  const baggage = giveBaggage(conn);
  if (!baggageOf(alias)) (alias as Carrier)[BAGGAGE] = baggage;
  else if (baggageOf(alias) !== baggage) attach(alias, slot, session);
}

export function attached(conn: object, slot: symbol | string): RequestSession | undefined {
  let place = baggageOf(conn)?.place;
  while (place && place.slot !== slot) place = place.next;
  return place?.session;
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
