/** Which session belongs to which request object. */
import { SessionError } from "../errors.ts";
import type { HostSession } from "./host-session.ts";

const STATE = Symbol("sojourn");

/** All that a request carries for us. */
export class RequestState {
  /** What a host keeps of the response; only its adapter knows the type. */
  response: unknown;
  /** The sessions: mostly one. */
  #first: Slot | undefined;

  /** @param slot names the session: the slot of its `createSessions`, or a property that a host has given it */
  add(slot: symbol | string, session: HostSession): void {
    this.#first = { slot, session, next: this.#first };
  }

  find(slot: symbol | string): HostSession | undefined {
    let each = this.#first;
    while (each && each.slot !== slot) each = each.next;
    return each?.session;
  }

  some(test: (session: HostSession) => boolean): boolean {
    let each = this.#first;
    while (each && !test(each.session)) each = each.next;
    return each !== undefined;
  }
}

interface Slot {
  readonly slot: symbol | string;
  readonly session: HostSession;
  readonly next: Slot | undefined;
}

type Carrier = { [STATE]?: RequestState };

const beside = new WeakMap<object, RequestState>();

/**
 * The state of a request, kept beside it: for a host that changes the prototype of its requests, as Express does. V8
 * gives each such object a hidden class of its own, and one more property on it costs as much as a small session.
 */
export function requestStateBeside(conn: object): RequestState {
  let state = beside.get(conn);
  if (!state) {
    state = new RequestState();
    beside.set(conn, state);
  }
  return state;
}

/** The state of a request; `undefined` if no middleware has seen it. */
export function findRequestState(conn: object): RequestState | undefined {
  return beside.get(conn) ?? (conn as Carrier)[STATE];
}

/** The state of a request, empty if it had none. */
export function requestStateOf(conn: object): RequestState {
  const found = findRequestState(conn);
  if (found) return found;
  const state = new RequestState();
  (conn as Carrier)[STATE] = state;
  return state;
}

/** Lets another object of the same request, such as `c.req.raw` beside `c`, carry the same, if it carries nothing yet. */
export function shareRequestState(state: RequestState, alias: object): RequestState {
  const own = findRequestState(alias);
  if (!own) (alias as Carrier)[STATE] = state;
  return own ?? state;
}

/** The session of a request. @throws ERR_SESSION_NOT_FETCHED if no middleware has seen the request */
export function findHostSession(conn: unknown, slot: symbol): HostSession {
  const state = typeof conn === "object" && conn !== null ? findRequestState(conn) : undefined;
  const session = state?.find(slot);
  if (session) return session;
  throw new SessionError(
    "ERR_SESSION_NOT_FETCHED",
    "this request has no session; register the host's middleware, session(sessions), above the handler " +
      "and pass the host's request: req, request, c, ctx, event or conn",
  );
}
