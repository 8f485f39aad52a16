/**
 * The two seams. A store turns cookie values into sessions and back, as in Dynamo; a table keeps opaque
 * rows for the table store.
 */
import type { Awaitable } from "./awaitable.ts";
import type { Expiry, Refusal, StopReason } from "./events.ts";
import type { SignInClock } from "./subject/sign-in-clock.ts";
import type { LiveStatus } from "./token-status.ts";
import type { CookieSettings } from "./types.ts";

/** Values by key. Keys such as `__proto__` are own properties. */
export type SessionData = Readonly<Record<string, unknown>>;

/** What is kept between two requests. Times are milliseconds since the epoch. */
export interface SessionRecord {
  readonly data: SessionData;
  /** Messages left for a later request. The stamp tells a message from a newer one under the same key. */
  readonly flash: Readonly<Record<string, readonly [stamp: string, value: unknown]>>;
  /** The cookie attributes that were configured for this session, as last sent. */
  readonly sentAttributes: Partial<CookieSettings>;
  readonly createdAt: number;
  /** The idle deadline; each write and touch moves it. The absolute one counts from `createdAt`. */
  readonly expiresAt: number;
  /** When the subject was put, if not with the session: a log-in that began before a revocation does not outlive it. */
  readonly subjectSince?: number | undefined;
}

/** A record that a commit makes, and whose it is: comparable text, `undefined` for nobody's. */
export interface ChangedRecord extends SessionRecord {
  readonly subject: string | undefined;
}

/** The later deadline of a session that was only read. */
export interface SessionTouch {
  readonly expiresAt: number;
  /** Whose session it is, as comparable text; `undefined` for nobody's. */
  readonly subject: string | undefined;
  /** Whether the client has gone, so that a token that nobody asked for would reach nobody. */
  readonly isGone: () => boolean;
}

/** What a request did, ready to be applied to a record: once, or again on a fresh one. */
export interface SessionChange {
  apply(base: SessionRecord | undefined): ChangedRecord;
  /** Whose session it was when it was loaded, as comparable text; `undefined` for nobody's. */
  readonly loadedSubject: string | undefined;
  /** Whether the session gets a new token. */
  readonly renew: boolean;
  /** Whether the client has gone, so that a token nobody asked for would reach nobody. */
  readonly isGone: () => boolean;
}

/** A commit that was made. `cookie` is the value that the browser should hold; `undefined` leaves it alone. */
export interface Saved {
  readonly handle: string;
  readonly cookie: string | undefined;
  readonly record: SessionRecord;
  /** What `renewEvery` made of the secret: a next one was issued, or presented for the first time. */
  readonly rotation?: "issued" | "presented" | undefined;
}

/** A commit that was not made, on purpose: the stored session stays as it is. */
export interface Stopped {
  readonly stopped: StopReason;
}

/** A cookie that opens nothing, and why; the handle, where it is known which session it was for. */
export interface Refused {
  readonly refused: Refusal;
  readonly handle?: string | undefined;
}

/** What a store has found for one cookie value. */
export interface FoundSession {
  /**
   * Opens it, when somebody looks at the session. Network input never throws: a bad cookie is {@link Refused}.
   * @param at when it was found: what a token may do is judged by it
   */
  open(at: number): StoredSession | Refused;
}

/** A session as it was loaded under one cookie. */
export interface StoredSession {
  readonly handle: string;
  readonly record: SessionRecord;
  /** What the cookie's token may do. */
  readonly status: LiveStatus;
  /** Whether the store wants the next request that looks at the session to write it. */
  readonly refresh: boolean;
  write(change: SessionChange): Awaitable<Saved | Stopped>;
  /**
   * Moves the deadline; nothing else changes, but what {@link refresh} is for. Gives `undefined` if the deadline is in
   * the cookie, and the client has gone.
   */
  touch(touch: SessionTouch): Awaitable<Saved | Stopped | undefined>;
  /**
   * Ends the session for every cookie ever issued for it, as far as the store can.
   * @param subject whose session was loaded
   */
  drop(subject: string | undefined): Awaitable<"dropped" | Stopped>;
}

/** What a store learns from the options of `createSessions`. */
export interface StoreContext {
  /** The cookie's name: every value is bound to it. */
  readonly cookieName: string;
  readonly now: () => number;
  readonly signInClock: SignInClock;
  /** Milliseconds for which a renewed token still reads. */
  readonly renewGrace: number;
  /** Whose session it is, as comparable text; `undefined` for nobody, or without the `subject` option. */
  readonly subjectOf: (data: SessionData) => string | undefined;
  /** Whether stored data fits the `schema` option, as it is or migrated: what does not is never overwritten. */
  readonly fits: (data: SessionData) => boolean;
  /** Which deadline has passed by now, or had passed at `time`. */
  readonly expiryOf: (record: SessionRecord, time?: number) => Expiry | undefined;
  /** Milliseconds that a session lives without being looked at. */
  readonly idle: number;
  /** Milliseconds that a session lives at most. */
  readonly absolute: number;
  /** Milliseconds between two touches of a session. */
  readonly touchInterval: number;
  /** Milliseconds after which a token is changed without being asked; `undefined` for never. */
  readonly renewEvery: number | undefined;
  /** How many sessions one subject may have; `undefined` for what a store allows. */
  readonly limit: number | undefined;
}

/** A session in the list of its subject. Times are milliseconds since the epoch. */
export interface ListedSession {
  readonly handle: string;
  readonly record: SessionRecord;
}

/** What a store can do with the sessions of a subject, which is given as the text that `subjectOf` makes. */
export interface SubjectSessions {
  /** Those that live, the newest first. Absent where no list is kept. */
  list?(subject: string): Awaitable<readonly ListedSession[]>;
  /** Ends all but the one with the handle `except`, and every log-in that is under way. */
  revoke(subject: string, except: string | undefined): Awaitable<void>;
  /** Ends one session, if it is that subject's. */
  revokeOne(subject: string, handle: string): Awaitable<void>;
}

/** A store at work for one `createSessions`. */
export interface SessionBackend {
  /**
   * Asks what is kept for one cookie value, and opens nothing that can wait. A throw or a rejection always means that
   * the store itself is broken.
   */
  find(cookie: string): Awaitable<FoundSession>;
  /** Stores a new session under a fresh handle and token. */
  create(change: SessionChange): Awaitable<Saved | Stopped>;
  /** The sessions of a subject; absent where nothing is kept of them. */
  readonly subjects?: SubjectSessions | undefined;
}

/**
 * Where sessions live: what `cookieStore(...)` and `tableStore(...)` give, for the option `store`. It is opaque. A
 * database of your own is a {@link SessionTable}, for `tableStore({ table })`.
 */
export class SessionStore {
  readonly #setUp: (context: StoreContext) => SessionBackend;

  constructor(setUp: (context: StoreContext) => SessionBackend) {
    this.#setUp = setUp;
  }

  /** The store at work for one `createSessions`, which passes what the store must know. */
  static setUp(store: SessionStore, context: StoreContext): SessionBackend {
    return store.#setUp(context);
  }
}

/** One row of a table: opaque text, its version, and when it may be cleared away (milliseconds since the epoch). */
export interface SessionRow {
  /** Well-formed text without U+0000, up to 1 MB. */
  readonly value: string;
  /** A random number below 2^53, drawn by the core for each write. */
  readonly version: number;
  readonly expiresAt: number;
}

/**
 * All that a database adapter is: a keyed table of opaque rows. Keys are 1 to 64 base64url characters. A table
 * has no clock and never judges deadlines; `now` is the core's clock, for databases whose own removal of dead
 * rows counts from now: it must come late, by five minutes or more. Only `insert` writes a row that is not there.
 */
export interface SessionTable {
  /** The row, whether or not its deadline has passed, as long as it is there. */
  get(key: string): Awaitable<SessionRow | undefined>;
  /** Gives `false`, and changes nothing, when the key is taken. */
  insert(key: string, row: SessionRow, now: number): Awaitable<boolean>;
  /** Replaces the row if its version is `version`. A conflict changes nothing and gives the current row. */
  replace(
    key: string,
    version: number,
    row: SessionRow,
    now: number,
  ): Awaitable<"done" | "gone" | SessionRow>;
  /** Moves the deadline later if the version is `version`, and keeps the version. Never moves it earlier. */
  touch(
    key: string,
    version: number,
    expiresAt: number,
    now: number,
  ): Awaitable<"done" | "gone" | "conflict">;
  /** Removes the row: whatever its version, or only if it is `version`. A conflict gives the current row. */
  delete(key: string, version?: number): Awaitable<"done" | "gone" | SessionRow>;
  /** Removes rows whose deadline has passed, in short slices. Gives how many. Absent where the database does so itself. */
  sweep?(now: number): Awaitable<number>;
}
