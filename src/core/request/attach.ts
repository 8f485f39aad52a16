import { SessionError } from "../errors.ts";
import type { RequestSession } from "./session.ts";

const BAGGAGE = Symbol("sojourn");

/** All that a request carries for us. */
export class Baggage {
  /** What keeps the response back. */
  hold: object | undefined;
  /** The sessions: mostly one. */
  #place: Place | undefined;

  put(slot: symbol | string, session: RequestSession): void {
    this.#place = { slot, session, next: this.#place };
  }

  find(slot: symbol | string): RequestSession | undefined {
    let place = this.#place;
    while (place && place.slot !== slot) place = place.next;
    return place?.session;
  }
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
  if (!beside.has(conn)) beside.set(conn, new Baggage());
}

export function baggageOf(conn: object): Baggage | undefined {
  return beside.get(conn) ?? (conn as Carrier)[BAGGAGE];
}

/** The baggage of a request, empty when it had none. */
export function giveBaggage(conn: object): Baggage {
  const there = baggageOf(conn);
  if (there) return there;
  const baggage = new Baggage();
  (conn as Carrier)[BAGGAGE] = baggage;
  return baggage;
}

/** The session of a request, if it has one under this slot or name. */
export function attached(conn: object, slot: symbol | string): RequestSession | undefined {
  return baggageOf(conn)?.find(slot);
}

/** Gives another object of the same request the session too: the two carry the same, if they can. */
export function share(
  baggage: Baggage,
  alias: object,
  slot: symbol,
  session: RequestSession,
): void {
  const own = baggageOf(alias);
  if (!own) (alias as Carrier)[BAGGAGE] = baggage;
  else if (own !== baggage) own.put(slot, session);
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
