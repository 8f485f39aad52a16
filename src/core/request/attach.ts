/** Keeps and finds the sessions of a request object. */
import { SessionError, configError, usageError } from "../errors.ts";
import type { HostSession } from "./host-session.ts";

const STATE = Symbol("sojourn");

/** Everything that Sojourn keeps with one request. */
export class RequestState {
  /** What a host's adapter keeps of the response. Only that adapter knows the type. */
  response: unknown;
  /** Whether the handler has ended its answer without having looked at a session. */
  ended = false;
  /** The first of a list of sessions. Most requests have one session. */
  #first: Slot | undefined;

  /** @param slot names the session: the slot of its `createSessions`, or a property that a host has given it */
  add(slot: symbol | string, session: HostSession): void {
    this.#first = { slot, session, next: this.#first };
  }

  /** The names of the cookies whose sessions are here. */
  get cookieNames(): readonly string[] {
    const names = new Set<string>();
    for (let each = this.#first; each; each = each.next) names.add(each.session.cookieName);
    return [...names];
  }

  /**
   * Refuses a second session of one cookie name: both would write that cookie, and the browser would keep one.
   * @throws ERR_SESSION_CONFIG
   */
  refuseSecond(cookieName: string): void {
    let each = this.#first;
    while (each && each.session.cookieName !== cookieName) each = each.next;
    if (each) throw configError(secondOf(cookieName));
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

function secondOf(cookieName: string): string {
  return (
    `this request has the session "${cookieName}" of another createSessions already, and both would write that cookie: ` +
    "give one of them another key. If they shall be the same sessions, call createSessions once and pass what it gives " +
    "to every middleware; where hot reload evaluates a module twice: globalThis.sessions ??= createSessions(...)"
  );
}

interface Slot {
  readonly slot: symbol | string;
  readonly session: HostSession;
  readonly next: Slot | undefined;
}

type Carrier = { [STATE]?: RequestState };

const beside = new WeakMap<object, RequestState>();

/**
 * Gives the state of a request, and keeps it in a WeakMap. It is for a host that changes the prototype of its requests,
 * as Express does. V8 gives each such object a hidden class of its own, so that one more property on it is slow.
 */
export function requestStateBeside(conn: object): RequestState {
  let state = beside.get(conn);
  if (!state) {
    state = new RequestState();
    beside.set(conn, state);
  }
  return state;
}

/** Gives the state of a request, or `undefined` if no middleware has seen the request. */
export function findRequestState(conn: object): RequestState | undefined {
  return (conn as Carrier)[STATE] ?? beside.get(conn);
}

/** Gives the state of a request. A request without one gets an empty state. */
export function requestStateOf(conn: object): RequestState {
  const found = findRequestState(conn);
  if (found) return found;
  const state = new RequestState();
  (conn as Carrier)[STATE] = state;
  return state;
}

/** Lets another object, such as an inner request, find this session. */
export function lendSession(to: object, slot: symbol, session: HostSession): void {
  const state = findRequestState(to) ?? requestStateBeside(to);
  const own = state.find(slot);
  if (own === session) return;
  if (own) {
    throw usageError(
      "lend(session, to): that object has a session of its own already; lend before its middleware runs",
    );
  }
  state.refuseSecond(session.cookieName);
  state.add(slot, session);
}

/** Gives the state to another object of the same request, such as `c.req.raw` beside `c`, if that has none yet. */
export function shareRequestState(state: RequestState, alias: object): RequestState {
  const own = findRequestState(alias);
  if (!own) (alias as Carrier)[STATE] = state;
  return own ?? state;
}

const COPIES = Symbol.for("sojourn.copies");

/** How many copies of this module the process has. Each copy of the package finds only its own sessions. */
const shared = globalThis as { [COPIES]?: number };
shared[COPIES] = (shared[COPIES] ?? 0) + 1;

/**
 * Finds the session of a request.
 * @param slot where one `createSessions` keeps its session
 * @param cookieName the name of its cookie
 * @throws ERR_SESSION_NOT_FETCHED if no middleware of these sessions has seen the request
 */
export function findHostSession(conn: unknown, slot: symbol, cookieName: string): HostSession {
  const state = typeof conn === "object" && conn !== null ? findRequestState(conn) : undefined;
  const session = state?.find(slot);
  if (session) return session;
  throw new SessionError("ERR_SESSION_NOT_FETCHED", whyNone(state?.cookieNames ?? [], cookieName));
}

function whyNone(found: readonly string[], cookieName: string): string {
  if (found.includes(cookieName)) {
    return (
      `this request has the session "${cookieName}" of another createSessions: the module that calls createSessions was ` +
      "evaluated twice, as hot reload and bundlers do, or createSessions is called more than once. Call it once, and " +
      "keep what it gives: globalThis.sessions ??= createSessions(...)"
    );
  }
  const others = found.map((name) => `"${name}"`).join(" and ");
  const has = found.length === 0 ? "no session" : `the session ${others}, and not "${cookieName}"`;
  const copies = shared[COPIES] ?? 1;
  return (
    `this request has ${has}; register the host's middleware, session(sessions), above the handler ` +
    "and pass the host's request: req, request, c, ctx, event or conn" +
    (copies === 1
      ? ""
      : `. The package sojourn is in this process ${copies} times, and no copy knows the requests of another: a ` +
        "bundler has copied it, or two versions are installed. Mark sojourn as external, or install one version")
  );
}
