import { inspect } from "node:util";
import { applyCommitResult } from "../../src/core/cookie/response-headers.ts";
import { hostSessionsOf } from "../../src/core/sessions.ts";
import { requestStateOf } from "../../src/core/request/attach.ts";
import type { HostSession } from "../../src/core/request/host-session.ts";
import type { Committer, Host } from "../../src/core/request/host.ts";
import type { AnySessions, Conn } from "../../src/core/types.ts";
import { hear } from "./events.ts";
import type { SessionEvent } from "./events.ts";
import { confideCookies, leaks } from "./leaks.ts";

/** What the host says about a request. */
export interface VisitOptions {
  /** `false`: the handler calls `fetchSession` itself. */
  readonly fetch?: boolean;
  /** Whether the client has gone by the time of the commit. */
  readonly gone?: boolean;
  /** Whether the host believes that the request came over plain http. */
  readonly insecure?: boolean;
  readonly anonymousOnError?: boolean;
}

/** What the browser gets, and what was published meanwhile. */
export interface Answer {
  /** Our Set-Cookie value, if there is one. */
  readonly setCookie: string | undefined;
  /** The response's headers as the session leaves them; the handler has set none. */
  readonly headers: Headers;
  readonly events: readonly SessionEvent[];
}

/**
 * One request in a host of a few lines, for tests that need no server. Its steps are separate, so that two
 * requests can be interleaved: `begin`, then the handler at any time, then `finish`.
 */
export class Visit implements Host {
  /** What a handler passes to the helpers. */
  readonly conn: Conn = { headers: {} };
  readonly events: SessionEvent[] = [];
  readonly anonymousOnError: boolean;
  readonly isActivity = true;
  readonly #cookieHeader: string | undefined;
  readonly #options: VisitOptions;
  #session: HostSession | undefined;
  #looked: Committer | undefined;

  private constructor(cookieHeader: string | undefined, options: VisitOptions) {
    this.#cookieHeader = cookieHeader;
    this.#options = options;
    this.anonymousOnError = options.anonymousOnError ?? false;
  }

  /** The middleware's part. Rejects with what fetching the session throws. */
  static async begin(
    sessions: AnySessions,
    cookieHeader: string | undefined,
    options: VisitOptions = {},
  ): Promise<Visit> {
    const visit = new Visit(cookieHeader, options);
    const { session } = hostSessionsOf(sessions).begin(visit, requestStateOf(visit.conn));
    visit.#session = session;
    if (options.fetch !== false) await hear(visit.events, () => session.fetch());
    return visit;
  }

  /** Runs the handler; what it throws goes to the caller, and the session stays open. */
  run<T>(handler: (conn: Conn) => T): T {
    return hear(this.events, () => handler(this.conn));
  }

  /** The head leaves. Rejects with what the commit throws: the browser then gets no cookie of ours. */
  async finish(): Promise<Answer> {
    const headers = new Headers();
    const outcome = await hear(this.events, () => this.#looked?.commit());
    if (outcome) applyCommitResult(headers, outcome);
    const shown = inspect([this.#session, this.#session?.exposed], { showHidden: true, depth: 8 });
    leaks.hear("util.inspect of a session", shown.replace(/handle: [\w-]{22}/, "a handle"));
    const [setCookie] = confideCookies(headers.getSetCookie());
    return { setCookie, headers, events: this.events };
  }

  cookieHeader(): string | undefined {
    return this.#cookieHeader;
  }

  onFirstLook(session: Committer): boolean {
    this.#looked = session;
    return true;
  }

  isInsecure(): boolean {
    return this.#options.insecure ?? false;
  }

  isGone(): boolean {
    return this.#options.gone ?? false;
  }

  onGone(): void {} // It is seen at the commit; `test/contracts/hosts` has clients that go before.
}

/** One whole request: fetch, handler, commit. Rejects with what any of them throws. */
export async function visit<T>(
  sessions: AnySessions,
  cookieHeader: string | undefined,
  handler: (conn: Conn) => T,
  options?: VisitOptions,
): Promise<Answer & { readonly result: Awaited<T> }> {
  const request = await Visit.begin(sessions, cookieHeader, options);
  const result = await request.run(handler);
  return { ...(await request.finish()), result };
}
