/** The seam of the stores: a store turns cookie values into sessions and back, as in Dynamo. */
import type { Asked } from "./load/asked.ts";
import type { Awaitable } from "./awaitable.ts";
import type { Expiry, Refusal, StopReason } from "./events.ts";
import type { Share } from "./load/share.ts";
import type { Lifespans } from "./lifespans.ts";
import type { SignInClock } from "./subject/sign-in-clock.ts";
import type { Limit } from "./subject/subject.ts";
import type { LiveStatus } from "./token-status.ts";
import type { CookieSettings } from "./types.ts";

export type { SessionRow, SessionTable } from "./table.ts";

/** Values by key. Keys such as `__proto__` are own properties. */
export type SessionData = Readonly<Record<string, unknown>>;

/** The lifetime of one session, in milliseconds. The options hold for a time that is absent. */
export interface OwnLifetime {
  readonly idle?: number | undefined;
  readonly absolute?: number | undefined;
}

/** The content of a session between two requests. Times are milliseconds since the epoch. */
export interface SessionRecord {
  /** The public id. A session of format 1 has none until a request writes it, and shows a hash of its handle. */
  readonly id?: string | undefined;
  readonly data: SessionData;
  /** Messages left for a later request. The stamp tells a message from a newer one under the same key. */
  readonly flash: Readonly<Record<string, readonly [stamp: string, value: unknown]>>;
  /** The cookie attributes that were configured for this session, as they were last sent. */
  readonly sentAttributes: Partial<CookieSettings>;
  /**
   * The cookie attributes of the options when the cookie was last sent, as far as they are no defaults. Those of
   * `sentAttributes` stood above them.
   */
  readonly sentOptions?: Partial<CookieSettings> | undefined;
  readonly createdAt: number;
  /** The idle deadline; each write and touch moves it. The absolute one counts from `createdAt`. */
  readonly expiresAt: number;
  /** When the subject was put, if later than the creation. A log-in from before a revocation does not outlive it. */
  readonly subjectSince?: number | undefined;
  /** The milliseconds by which `subjectSince` is later than the moment at which the subject was put. */
  readonly ahead?: number | undefined;
  /** When a request last put the subject, the same or another one, and renewed. */
  readonly signedInAt?: number | undefined;
  readonly lifetime?: OwnLifetime | undefined;
  /** The absolute deadline inside a seal. A longer option of a later deployment does not move it. */
  readonly endsAt?: number | undefined;
}

/** A record that a commit makes, with its subject as text; `undefined` if nobody is signed in. */
export interface ChangedRecord extends SessionRecord {
  readonly subject: string | undefined;
}

/** The later deadline of a session that was only read. */
export interface SessionTouch {
  /** Whether the cookie is to be sent anew, because its attributes have changed. */
  readonly resend: boolean;
  /** The cookie attributes of the options, for `sentOptions`. */
  readonly sentOptions: Partial<CookieSettings> | undefined;
  readonly expiresAt: number;
  /** The subject of the session, as text; `undefined` if nobody is signed in. */
  readonly subject: string | undefined;
  /** Whether the client has gone, so that no browser would get a token of `renewEvery`. */
  readonly isGone: () => boolean;
}

/** The changes of a request. They can be applied to a record once, or again to a fresh one. */
export interface SessionChange {
  /** @param sends whether the browser may get a cookie of it; default `true` */
  apply(base: SessionRecord | undefined, sends?: boolean): ChangedRecord;
  /** The subject of the session when it was loaded, as text; `undefined` if nobody was signed in. */
  readonly loadedSubject: string | undefined;
  /** Whether the session gets a new token. */
  readonly renew: boolean;
  /** Whether the client has gone, so that no browser would get a token of `renewEvery`. */
  readonly isGone: () => boolean;
}

/** A commit that was made. `cookie` is the value for the browser; `undefined` leaves the browser's cookie alone. */
export interface Saved {
  readonly handle: string;
  readonly cookie: string | undefined;
  readonly record: SessionRecord;
  /** The public id that the session had before, if a renewal has given it another one. */
  readonly endedId?: string | undefined;
  /**
   * The step of `renewEvery`: the store has issued a next token, the same as the first of a round after three that
   * nobody has presented, or a browser has presented one for the first time.
   */
  readonly rotation?: "issued" | "unpresented" | "presented" | undefined;
}

/** A commit that the store refused to make. The stored session stays as it is. */
export interface Stopped {
  readonly stopped: StopReason;
}

/** A session that a request has ended. */
export interface Dropped {
  /** Its last public id; `undefined` if the store does not know it. */
  readonly endedId: string | undefined;
}

/** A cookie that opens nothing, with the reason, and with the handle if the cookie names a session. */
export interface Refused {
  readonly refused: Refusal;
  readonly handle?: string | undefined;
}

/** The result of a store's search for one cookie value. */
export interface FoundSession {
  /**
   * Opens the session at the handler's first look. Network input never throws: a bad cookie is {@link Refused}.
   * @param at the time of the search, which decides what the token may do
   */
  open(at: number): StoredSession | Refused;
}

/** A session as it was loaded under one cookie. */
export interface StoredSession {
  readonly handle: string;
  /** The public id that the cookie's token shows. */
  readonly id: string;
  readonly record: SessionRecord;
  /** The rights of the cookie's token. */
  readonly status: LiveStatus;
  /** When the seal of the cookie was made; absent for a token. */
  readonly sealedAt?: number | undefined;
  /** Whether the store asks the next request that looks at the session to write it. */
  readonly refresh: boolean;
  write(change: SessionChange): Awaitable<Saved | Stopped>;
  /**
   * Moves the idle deadline, and makes the write that {@link refresh} asks for. Gives `undefined` if the deadline is in
   * the cookie and the client has gone.
   */
  touch(touch: SessionTouch): Awaitable<Saved | Stopped | undefined>;
  /**
   * Ends the session for every cookie ever issued for it, as far as the store can.
   * @param subject the subject of the session when it was loaded
   */
  drop(subject: string | undefined): Awaitable<Dropped | Stopped>;
}

/** What a store must know of the option `adopt`. */
export interface AdoptContext {
  readonly secret: string;
  /** Until when old cookies count, in milliseconds since the epoch. */
  readonly until: number;
}

/** A session of another library that shall become one of ours. */
export interface Adoptee {
  /** Names the old session; `undefined` if two sessions with the same data have the same cookie. */
  readonly unique: string | undefined;
  /** Makes our record of it; `undefined` if it has ended, or gives nothing to keep. */
  readonly make: () => Awaitable<ChangedRecord | undefined>;
  /** Ends it where it was kept. */
  readonly end: () => Awaitable<unknown>;
}

/** A session that was adopted. The browser does not have its cookie yet. */
export interface Adopted {
  readonly found: FoundSession;
  readonly cookie: string;
  /** Whether this request has made it, and not an earlier one with the same old cookie. */
  readonly isNew: boolean;
}

/** The options of `createSessions` that a store needs. */
export interface StoreContext {
  /** The cookie's name: every value is bound to it. */
  readonly cookieName: string;
  readonly now: () => number;
  readonly signInClock: SignInClock;
  /** Milliseconds for which a renewed token still reads. */
  readonly renewGrace: number;
  /** Whether the option `subject` was given. Without it the store cannot know whether somebody is signed in. */
  readonly hasSubject: boolean;
  /** Gives the subject of data as text; `undefined` if nobody is signed in, or without the option `subject`. */
  readonly subjectOf: (data: SessionData) => string | undefined;
  /**
   * Whether stored data fits the option `schema`, as it is or migrated. Data that does not fit is never overwritten.
   */
  readonly fits: (data: SessionData) => boolean;
  /** Which deadline has passed by now, or had passed at `time`. */
  readonly expiryOf: (record: SessionRecord, time?: number) => Expiry | undefined;
  /** How long each session lives. */
  readonly lifespans: Lifespans;
  /** Milliseconds after which a store renews a token by itself; `undefined` for never. */
  readonly renewEvery: number | undefined;
  /** Whether a session ends if the tokens of `renewEvery` are not presented round after round. */
  readonly endUnpresented: boolean;
  /** How many sessions one subject may have; `undefined` for the store's own limit. */
  readonly limit: Limit | undefined;
  /** The option `adopt`; `undefined` if it was not given, or is over. */
  readonly adopt: AdoptContext | undefined;
}

/** A session in the list of its subject. Times are milliseconds since the epoch. */
export interface ListedSession {
  readonly handle: string;
  readonly record: SessionRecord;
}

/** The methods of a store for the sessions of a subject. They take the subject as the text that `subjectOf` gives. */
export interface SubjectSessions {
  /** Lists the living sessions, the newest first, and at most so many. Absent if the store keeps no list. */
  list?(subject: string, most: number): Awaitable<readonly ListedSession[]>;
  /**
   * Gives the reason why a log-in would be refused if the sessions with the handles `ending` had ended before it. Absent
   * if the store refuses none.
   */
  refusal?(logIn: ChangedRecord, ending: readonly string[]): Awaitable<StopReason | undefined>;
  /** Ends all but the one with the handle `except`, and every log-in that is under way. */
  revoke(subject: string, except: string | undefined): Awaitable<void>;
  /** Ends one session, if it is that subject's. */
  revokeOne(subject: string, handle: string): Awaitable<void>;
}

/** A store at work for one `createSessions`. */
export interface SessionBackend {
  /**
   * Searches the session of one cookie value, and leaves opening it to the first look. A failure is the store's own.
   * @param asked what the request has asked for its other cookies of the name, if it has some
   * @param share the time that the request has left
   */
  find(cookie: string, asked?: Asked, share?: Share): Awaitable<FoundSession>;
  /** Milliseconds that one request has, load and commit together; absent if the store answers at once. */
  readonly timeout?: number | undefined;
  /** Whether the cookie itself shows that this application has not issued it; absent where only a look can tell. */
  readonly isForged?: ((cookie: string) => boolean) | undefined;
  /** Stores a new session under a fresh handle and token. */
  create(change: SessionChange, share?: Share): Awaitable<Saved | Stopped>;
  /**
   * Makes a session of ours from one of another library, or finds the one that an earlier request has made. Gives
   * `undefined` if that has ended. It is called only with the option `adopt`.
   */
  adopt?(adoptee: Adoptee, share?: Share): Awaitable<Adopted | undefined>;
  /** Sees to it that an old session is never adopted any more, and gives the session that was made of it. */
  forget?(unique: string): Awaitable<FoundSession | undefined>;
  /** The sessions of a subject; absent if the store keeps nothing about them. */
  readonly subjects?: SubjectSessions | undefined;
  /**
   * Ends every session whose last sign-in, or whose creation if nobody has signed in, was before this time, for as long
   * as one could live. Absent if the store keeps nothing about its sessions.
   */
  readonly revokeBefore?: ((time: number) => Awaitable<void>) | undefined;
}

/**
 * The place where sessions live: `cookieStore(...)` and `tableStore(...)` give one, and the option `store` takes it. It
 * is opaque. For a database of your own, write a {@link SessionTable} and pass it to `tableStore({ table })`.
 */
export class SessionStore {
  readonly #setUp: (context: StoreContext) => SessionBackend;

  constructor(setUp: (context: StoreContext) => SessionBackend) {
    this.#setUp = setUp;
  }

  /** Sets the store up for one `createSessions`, which passes the options that the store needs. */
  static setUp(store: SessionStore, context: StoreContext): SessionBackend {
    return store.#setUp(context);
  }
}
