import { publish } from "../../../core/events.ts";
import type { ResolvedOptions } from "../../../core/options/read-options.ts";
import { HostSession } from "../../../core/request/host-session.ts";
import { OpenHost } from "../../../core/request/lone-hosts.ts";
import { readCookies, replaceCookies } from "../../../core/cookie/read-cookies.ts";
import type { SentCookie } from "../../../core/cookie/set-cookie.ts";
import type { Comparison } from "../comparison.ts";
import type { Cookie } from "../cookie.ts";
import { LONGEST, idleOf } from "./own-sessions.ts";
import type { Row, Visit } from "./visit.ts";

/** What a visit of a store of ours needs of its request. */
export interface OwnRequest {
  readonly options: ResolvedOptions;
  readonly cookieHeader: string | undefined;
  /** The cookie that a new session gets. */
  readonly newCookie: () => Cookie;
}

/** The key of the data under which a session keeps attributes of its cookie, if they are not those of the options. */
const COOKIE = "cookie";

/** A session in a store of ours, with our cookie. The core opens it and commits it, several times if it has to. */
export class OwnVisit implements Visit {
  isStored = false;
  hasEnded = false;
  readonly touches = true;
  readonly #request: OwnRequest;
  #unit: HostSession;
  #isCommitted = false;
  #hasBegun = false;
  #id: string | undefined;
  #cookie: string | undefined;
  #presented: string | undefined;
  #hadCookie = false;
  #former: readonly SentCookie[] = [];

  constructor(request: OwnRequest) {
    this.#request = request;
    this.#unit = this.#unitOf(request.cookieHeader);
    const cookies = new Set(readCookies(request.cookieHeader, request.options.cookieName));
    this.#hadCookie = cookies.size > 0;
    this.#presented = cookies.size === 1 ? [...cookies][0] : undefined;
  }

  get id(): string {
    return (this.#id ??= this.#unit.session.id);
  }

  get cookie(): string | undefined {
    return this.isStored ? this.#cookie : undefined;
  }

  get isCookieNew(): boolean {
    return this.isStored && this.#cookie !== undefined && this.#cookie !== this.#presented;
  }

  get former(): readonly SentCookie[] {
    return this.#former;
  }

  async load(): Promise<Row | undefined> {
    await this.#unit.fetchOrThrow();
    const data = this.#unit.session.get();
    this.isStored = this.#unit.handle !== undefined;
    this.#hasBegun = this.isStored;
    this.#cookie = this.isStored ? this.#presented : undefined;
    return this.isStored ? data : undefined;
  }

  async reload(): Promise<Row | undefined> {
    if (!this.isStored) return undefined;
    await this.#openAgain();
    return this.isStored ? this.#unit.session.get() : undefined;
  }

  async save(changes: Comparison, cookie: Cookie): Promise<void> {
    const wasStored = this.isStored;
    if (this.#isCommitted) await this.#openAgain();
    if (this.hasEnded) {
      publish("stop", this.#request.options.cookieName, undefined, "gone");
      return;
    }
    const { session } = this.#unit;
    for (const key of changes.deleted) session.delete(key);
    for (const [key, text] of changes.put) session.put(key, JSON.parse(text) as unknown);
    this.#keepCookie(cookie, changes.texts.size === 0);
    const written = await this.#commit();
    const isStopped = !written && (!wasStored || changes.put.length + changes.deleted.length > 0);
    if (!isStopped) return;
    // Another request may have put the same already, which is no write either: only the store tells.
    if (wasStored) await this.#openAgain();
    this.isStored &&= wasStored;
  }

  async touch(cookie: Cookie): Promise<void> {
    if (this.#isCommitted) return;
    this.#keepCookie(cookie, false);
    await this.#commit();
  }

  async destroy(): Promise<void> {
    const { isStored } = this;
    // A log-out also ends the old sessions of the option adopt, whose cookies are beside ours.
    if (this.#isCommitted && isStored) await this.#openAgain(this.#request.cookieHeader);
    if (isStored || (this.#hadCookie && !this.#isCommitted)) {
      this.#unit.session.drop();
      await this.#commit();
    }
    this.isStored = false;
  }

  begin(): void {
    this.hasEnded = false;
    // What was loaded knows the cookies that open nothing, or too much: a log-out or a log-in settles them.
    const isLoaded = !this.#hasBegun && !this.isStored;
    this.#hasBegun = true;
    if (isLoaded) return;
    this.#unit = this.#unitOf(undefined);
    void this.#unit.fetch(); // Without a cookie no store is asked.
    this.#isCommitted = false;
    this.isStored = false;
    this.#cookie = undefined;
    this.#id = undefined;
  }

  #unitOf(cookieHeader: string | undefined): HostSession {
    return new HostSession(this.#request.options, new OpenHost(cookieHeader, {}));
  }

  /**
   * A commit closes a unit, and the request may write again.
   * @param beside the header whose other cookies count. A write leaves it out: if our session has ended meanwhile, the
   * write must not reach the session of an old cookie.
   */
  async #openAgain(beside?: string): Promise<void> {
    const { options, cookieHeader } = this.#request;
    const cookie = this.#cookie;
    this.#unit = this.#unitOf(
      cookie === undefined ? cookieHeader : replaceCookies(beside, options.cookieName, cookie),
    );
    this.#isCommitted = false;
    await this.#unit.fetchOrThrow();
    this.#unit.look();
    const wasStored = this.isStored;
    this.isStored = this.#unit.handle !== undefined;
    this.hasEnded = wasStored && !this.isStored;
  }

  /** Whether something was written. */
  async #commit(): Promise<boolean> {
    this.#isCommitted = true;
    const result = await this.#unit.commit();
    const value = result?.cookie?.value;
    this.#former = result?.former ?? this.#former;
    if (value) this.#cookie = value;
    if (value) this.isStored = true;
    return result?.written ?? false;
  }

  /**
   * Keeps what the cookie has of its own, and the lifetime that its maxAge gives to the session.
   * @param isEmpty whether nothing else is stored: an empty session is none, and express-session stores one
   */
  #keepCookie(cookie: Cookie, isEmpty: boolean): void {
    const { session } = this.#unit;
    const own = ownPart(cookie);
    const isOwn = own !== ownPart(this.#request.newCookie());
    const hadOwn = session.get(COOKIE) !== undefined;
    if (isOwn || isEmpty) session.put(COOKIE, JSON.parse(own));
    else if (hadOwn) session.delete(COOKIE);
    const usual = this.#request.options.lifespans.of(undefined).idle / 1000;
    const idle = idleOf(cookie.originalMaxAge) ?? usual;
    if (idle !== usual || hadOwn) session.configure("lifetime", { idle, absolute: LONGEST });
  }
}

/** The attributes as JSON, without the moment at which the cookie ends: each request moves it. */
function ownPart(cookie: Cookie): string {
  return JSON.stringify({ ...cookie.data, expires: undefined });
}
