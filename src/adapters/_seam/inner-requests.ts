import { AsyncLocalStorage } from "node:async_hooks";
import { andThen } from "../../core/awaitable.ts";
import type { Awaitable } from "../../core/awaitable.ts";
import { readCookies } from "../../core/cookie/read-cookies.ts";
import type { AnySessions, Session } from "../../core/types.ts";
import { cookieNameOf } from "../adapter.ts";

/** A request that is being answered. */
interface Outer {
  readonly request: Request;
  readonly session: Session;
}

/**
 * The requests that an application makes to itself while it answers one. An inner request shares the session of the outer
 * one: its answer goes to the application, so that a cookie in there would be lost.
 */
export class InnerRequests {
  readonly #sessions: AnySessions;
  readonly #cookieName: string;
  readonly #running = new AsyncLocalStorage<Outer>();

  constructor(sessions: AnySessions) {
    this.#sessions = sessions;
    this.#cookieName = cookieNameOf(sessions);
  }

  /** Runs what answers a request. */
  run<Result>(request: Request, session: Session, answer: () => Result): Result {
    return this.#running.run({ request, session }, answer);
  }

  /**
   * Lends the outer session to an inner request, before a middleware begins one there. An inner request that brings
   * another cookie, or leaves the cookie out, has a session of its own, which it can only read.
   */
  lend(request: Request): Awaitable<void> {
    const outer = this.#running.getStore();
    if (!outer || outer.request === request) return undefined;
    const isSame = this.#cookiesOf(request) === this.#cookiesOf(outer.request);
    const lent = isSame ? outer.session : this.#sessions.read(request.headers);
    return andThen(lent, (session) => this.#sessions.lend(session, request));
  }

  #cookiesOf({ headers }: Request): string {
    return readCookies(headers.get("cookie"), this.#cookieName).join();
  }
}
