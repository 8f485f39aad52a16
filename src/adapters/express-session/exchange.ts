import type { ServerResponse } from "node:http";
import { alreadyCommitted } from "../../core/errors.ts";
import { publish, publishError } from "../../core/events.ts";
import type { CommitResult } from "../../core/cookie/response-headers.ts";
import type { Committer } from "../../core/request/host.ts";
import { holdResponse } from "../_node/held-response.ts";
import { hasNoHead, isGone } from "../_node/response-head.ts";
import { patchResponse } from "../_node/response-methods.ts";
import { compare, isChange, textsOf } from "./comparison.ts";
import type { Texts } from "./comparison.ts";
import { Cookie, cookieFrom } from "./cookie.ts";
import { setExchange } from "./exchanges.ts";
import type { SessionRequest, SessionVerbs } from "./exchanges.ts";
import type { DropInOptions } from "./options.ts";
import { Session, asThrown, isReserved } from "./session.ts";
import { isSecure, newCookie } from "./transport.ts";
import type { Row, Visit } from "./visits/visit.ts";

const NOTHING: Texts = new Map();

/** One request and its response: what handlers do to `req.session`, and what becomes of it before the head leaves. */
export class Exchange implements SessionVerbs, Committer {
  readonly #options: DropInOptions;
  readonly #req: SessionRequest;
  readonly #res: ServerResponse;
  readonly #next: (error?: unknown) => void;
  readonly #visit: Visit;
  /** The id that the browser came with; `undefined` if its cookie has opened nothing. */
  #presented: string | undefined;
  /** The text of each key in the store. */
  #texts: Texts = NOTHING;
  /** The cookie of the session that the request had last: its attributes clear it. */
  #cookie: Cookie;
  #isModified = false;
  #isSaved = false;
  /** The lifetime of the cookie when it was last saved in this request. */
  #savedAge: number | null = null;
  #isTouched = false;
  #hasEnded = false;
  /** Whether the head has left, or is about to: no cookie can be added. */
  #isHeadMade = false;
  /** What was asked for last. Everything else waits for it. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    options: DropInOptions,
    visit: Visit,
    req: SessionRequest,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ) {
    this.#options = options;
    this.#visit = visit;
    this.#req = req;
    this.#res = res;
    this.#next = next;
    this.#cookie = newCookie(options, req);
    setExchange(req, this);
  }

  /** Loads the session, and lets the response wait for its commit. */
  async begin(): Promise<void> {
    const row = await this.#visit.load();
    if (row) this.#presented = this.#visit.id;
    const hasHead = !hasNoHead(this.#res);
    if (hasHead) patchResponse(this.#res);
    else this.#missHead();
    if (row) this.#show(row);
    else this.generate();
    if (hasHead && this.#isLazy) this.#holdAtFirstLook();
    else if (hasHead) this.#hold();
  }

  /** Whether a request that never looks at its session needs nothing of it. */
  get #isLazy(): boolean {
    const { store, resave, rolling, saveUninitialized } = this.#options;
    return store.own !== undefined && !resave && !rolling && !saveUninitialized;
  }

  #hold(): void {
    const host = { onCommitError: (error: unknown): void => this.#next(asThrown(error)) };
    if (!holdResponse(this.#res, { session: this, host })) this.#missHead();
  }

  /** From here on no cookie can be added, and what changes is written when the answer has left. */
  #missHead(): void {
    this.#isHeadMade = true;
    const write = (): void => this.#flushLate();
    // If it has left already, the handler goes on first: it has only begun to look.
    if (this.#res.closed) setImmediate(write);
    else this.#res.once("close", write);
  }

  #holdAtFirstLook(): void {
    const { session } = this.#req;
    const look = (value: object | null | undefined): object | null | undefined => {
      const descriptor = { configurable: true, enumerable: true, writable: true, value };
      Object.defineProperty(this.#req, "session", descriptor);
      this.#hold();
      return value;
    };
    Object.defineProperty(this.#req, "session", {
      configurable: true,
      enumerable: true,
      get: () => look(session),
      set: look,
    });
  }

  generate(): void {
    this.#visit.begin();
    this.#texts = NOTHING;
    this.#isSaved = false;
    this.#cookie = newCookie(this.#options, this.#req);
    this.#put({ cookie: this.#cookie });
  }

  #show(row: Row): void {
    this.#cookie = isObject(row.cookie)
      ? cookieFrom(row.cookie)
      : newCookie(this.#options, this.#req);
    if (!this.#cookie.expires && this.#cookie.originalMaxAge) {
      this.#cookie.maxAge = this.#cookie.originalMaxAge;
    }
    // What the session cannot show, its handler has not deleted either.
    this.#texts = new Map([...textsOf(row)].filter(([key]) => !isReserved(key)));
    // The store's own object stays as it is.
    const data = [...this.#texts].map(([key, text]) => [key, JSON.parse(text) as unknown] as const);
    this.#put({ ...Object.fromEntries(data), cookie: this.#cookie });
  }

  #put(data: object): void {
    this.#req.sessionID = this.#visit.id;
    this.#req.session = new Session(this.#req, data);
  }

  save(session: object): Promise<void> {
    return this.#inTurn(async () => {
      if (session === this.#req.session) await this.#flush(true);
    });
  }

  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const { isStored, hasEnded } = this.#visit;
      const isUnwritten = this.#isSaved && !isStored && !hasEnded;
      const row = isUnwritten ? {} : await this.#visit.reload();
      if (!row) throw new Error("failed to load session");
      this.#show(row);
    });
  }

  destroy(): Promise<void> {
    return this.#inTurn(() => this.#end());
  }

  regenerate(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      this.generate();
      this.#isModified = true;
    });
  }

  async #end(): Promise<void> {
    await this.#visit.destroy();
    this.#hasEnded = true;
    this.#texts = NOTHING;
  }

  /** One thing after the other: a handler may save without waiting, and end its answer. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(task, task);
    this.#work = turn;
    turn.catch(() => {}); // Whoever has asked for it gets the error.
    return turn;
  }

  /** Commits before the head leaves. */
  async commit(): Promise<CommitResult | undefined> {
    return this.#inTurn(async () => {
      await this.#flush(false);
      this.#missHead();
      const setCookie = this.#setCookie();
      return {
        setCookie,
        former: this.#visit.former,
        written: this.#isSaved || this.#hasEnded,
        outdatesPages: setCookie !== undefined,
      };
    });
  }

  /** Writes what the handler has changed after the head. Nobody waits for it, and no answer can tell its error. */
  #flushLate(): void {
    void this.#inTurn(async () => {
      if (this.#req.session && isChange(compare(this.#texts, this.#req.session))) {
        await this.#flush(false);
      }
    }).catch((error: unknown) => {
      publishError("commit-error", this.#options.cookieName, undefined, asThrown(error));
    });
  }

  /** @param isAsked whether the handler has called `save` */
  async #flush(isAsked: boolean): Promise<void> {
    const { saveUninitialized, resave, destroysUnset } = this.#options;
    const visit = this.#visit;
    const session = this.#req.session as Session | null | undefined;
    if (!session) {
      if (destroysUnset && visit.isStored) await this.#end();
      return;
    }
    if (typeof this.#req.sessionID !== "string") return;
    const changes = compare(this.#texts, session);
    if (visit.hasEnded) {
      if (isChange(changes)) publish("stop", this.#options.cookieName, undefined, "gone");
      this.#texts = changes.texts;
      return;
    }
    this.#cookie = this.#cookieOf(session);
    if (!this.#isTouched) this.#cookie.maxAge = this.#cookie.originalMaxAge;
    this.#isTouched = true;
    this.#isModified ||= isChange(changes);
    const isDue = visit.isStored ? resave : saveUninitialized || this.#isModified;
    const isOtherAge = this.#isSaved && this.#savedAge !== this.#cookie.originalMaxAge;
    if (isAsked || isChange(changes) || isOtherAge || (isDue && !this.#isSaved)) {
      if (!visit.isStored && !isDue) {
        this.#savedAge = this.#cookie.originalMaxAge;
        this.#isSaved = true; // Nobody has put anything, and nothing is written for nobody.
        return;
      }
      if (!visit.isStored && !this.#mayCreate(isAsked)) return;
      const { cookie } = visit;
      await visit.save(changes, this.#cookie);
      // A sealed cookie is the session, and this one can no longer leave.
      if (this.#isHeadMade && visit.isStored && visit.cookie !== cookie) throw alreadyCommitted();
      this.#texts = changes.texts;
      this.#isSaved = true;
      this.#savedAge = this.#cookie.originalMaxAge;
    } else if (visit.isStored && visit.touches && !this.#isSaved) {
      await this.#touch();
    }
  }

  /** A handler may have replaced the session by an object of its own. */
  #cookieOf(session: Session): Cookie {
    const cookie: unknown = session.cookie;
    if (cookie instanceof Cookie) return cookie;
    return isObject(cookie) ? cookieFrom(cookie) : this.#cookie;
  }

  /** A session whose cookie can no longer leave is not made. */
  #mayCreate(isAsked: boolean): boolean {
    if (!this.#isHeadMade && !isGone(this.#res)) return true;
    if (isAsked) throw alreadyCommitted();
    publish("stop", this.#options.cookieName, undefined, "no-answer");
    return false;
  }

  /** Nothing that the request did depends on it, so that a store that fails takes no page away. */
  async #touch(): Promise<void> {
    try {
      await this.#visit.touch(this.#cookie);
    } catch (error) {
      publishError("touch-error", this.#options.cookieName, undefined, asThrown(error));
    }
  }

  #setCookie(): string | undefined {
    const { cookieName, saveUninitialized, rolling, proxy } = this.#options;
    const { cookie, isCookieNew } = this.#visit;
    if (!this.#req.session || cookie === undefined) {
      return this.#hasEnded && this.#presented !== undefined ? this.#clearing() : undefined;
    }
    const isOther = this.#presented !== this.#req.sessionID;
    const isDue = isOther
      ? saveUninitialized || this.#isModified
      : rolling || (Boolean(this.#cookie.expires) && this.#isModified);
    if (!isDue && !isCookieNew) return undefined;
    if (this.#cookie.secure && !isSecure(this.#req, proxy)) {
      publish("drop-cookie", cookieName, undefined, "insecure-transport");
      return undefined;
    }
    return this.#cookie.serialize(cookieName, cookie);
  }

  #clearing(): string {
    const cookie = new Cookie({ ...this.#cookie.data, expires: new Date(0) });
    return cookie.serialize(this.#options.cookieName, "");
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
