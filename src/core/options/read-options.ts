import { configError, describe, refuseUnknownOptions } from "../errors.ts";
import type { Expiry } from "../events.ts";
import { readAdopt } from "./adopt.ts";
import type { AdoptSettings } from "./adopt.ts";
import { readFormerly } from "./formerly.ts";
import { readDurations } from "./lifetime.ts";
import { readSchema } from "../data/schema-option.ts";
import type { Schema } from "../data/schema.ts";
import { SignInClock } from "../subject/sign-in-clock.ts";
import {
  DEFAULT_COOKIE,
  checkCookieName,
  checkCookieSettings,
  writeAttributes,
} from "../cookie/set-cookie.ts";
import { besideDefaults } from "../cookie/attributes.ts";
import type { CookiePlace } from "../cookie/attributes.ts";
import { isWeakName } from "../cookie/weak-name.ts";
import type { PageCaching } from "../cookie/response-headers.ts";
import { Lifespans } from "../lifespans.ts";
import { SessionStore } from "../store.ts";
import type { SessionBackend, SessionData, SessionRecord, StoreContext } from "../store.ts";
import { readCarry } from "../subject/carry.ts";
import { readLimit, subjectReader } from "../subject/subject.ts";
import type { SubjectOf } from "../subject/subject.ts";
import type { SessionOptions } from "./session-options.ts";
import { twoStores } from "./two-stores.ts";
import type { CookieSettings } from "../types.ts";

/** Milliseconds by which the clocks of processes may differ: a day. */
const CLOCK_ERROR = 24 * 60 * 60 * 1000;

/** Everything about one `createSessions` that is fixed at set-up. Durations are in milliseconds. */
export interface ResolvedOptions {
  readonly cookieName: string;
  readonly backend: SessionBackend;
  readonly cookie: CookieSettings;
  /** What a page tells caches whose handler has looked. */
  readonly pages: PageCaching;
  /** `cookie` as it stands in a Set-Cookie header. */
  readonly attributes: string;
  /** `cookie` as sessions keep it: what is no default. */
  readonly sentOptions: Partial<CookieSettings> | undefined;
  /** Where cookies of earlier deployments may be. */
  readonly formerly: readonly CookiePlace[];
  /** The sessions of another library that go on as ours; `undefined` if there are none. */
  readonly adopt: AdoptSettings | undefined;
  /** Whether the cookie's name is no `__Host-` name. */
  readonly isWeakName: boolean;
  readonly now: () => number;
  readonly signInClock: SignInClock;
  readonly lifespans: Lifespans;
  /** The data key that says whose session it is. */
  readonly subject: string | undefined;
  /** The data keys that stay when the subject changes. */
  readonly carry: readonly string[];
  /** Gives the subject of data as a request sees it. */
  readonly subjectOf: SubjectOf;
  /** Gives the subject of data as it is stored. */
  readonly subjectOfStored: SubjectOf;
  readonly schema: Schema;
  /** The idle deadline of a session that is used now. */
  readonly idleDeadline: (record: Pick<SessionRecord, "lifetime"> | undefined) => number;
  /** Which deadline of a session has passed by now, or had passed at `time`. */
  readonly expiryOf: (record: SessionRecord, time?: number) => Expiry | undefined;
}

/** The options of other libraries, and our word for each. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  name: "key",
  cookieName: "key",
  sessionName: "key",
  maxAge: "lifetime: { idle, absolute }, in seconds, and persist: true",
  expires: "lifetime: { idle, absolute }, in seconds, and persist: true",
  ttl: "lifetime: { idle, absolute }, in seconds",
  expireAfterSeconds: "lifetime: { idle, absolute }, in seconds",
  cookie: "the attributes themselves: path, domain, secure, httpOnly, sameSite",
  cookieOptions: "the attributes themselves: path, domain, secure, httpOnly, sameSite",
  secret: "store: cookieStore({ secret })",
  secrets: "store: cookieStore({ secret: [first, ...others] })",
  keys: "store: cookieStore({ secret: [first, ...others] })",
  password: "store: cookieStore({ secret })",
  table: "store: tableStore({ table })",
  resave: "nothing: only changes are written",
  saveUninitialized: "nothing: only what was put is written",
  rolling: "nothing: a session that is used stays alive",
  unset: "nothing: dropSession ends a session",
  genid: "nothing: the handle and the token are random",
  proxy: "nothing: secure is true unless the option says false",
};

const KNOWN = Object.keys({
  store: 0,
  key: 0,
  lifetime: 0,
  renewGrace: 0,
  subject: 0,
  carry: 0,
  limit: 0,
  schema: 0,
  migrate: 0,
  now: 0,
  formerly: 0,
  adopt: 0,
  cacheControl: 0,
  ...DEFAULT_COOKIE,
} satisfies Record<keyof SessionOptions, unknown>);

/**
 * Checks the options and fills the defaults in. No other code judges them.
 * @throws ERR_SESSION_CONFIG if an option cannot work; the message says what was found and what to do
 */
export function readOptions<Data extends object>(options: SessionOptions<Data>): ResolvedOptions {
  if (typeof options !== "object" || options === null) {
    throw configError("createSessions takes an object with at least a store and a key");
  }
  refuseUnknownOptions("createSessions", options, KNOWN, ELSEWHERE);
  checkCookieName(options.key);
  const cookie = readCookie(options);
  checkCookieSettings(options.key, cookie, configError);
  // `Date.now` is looked up at each call, so that the sessions follow fake timers that a test installs later.
  const now = options.now ?? ((): number => Date.now());
  if (typeof now !== "function") {
    throw configError("now must be a function that gives milliseconds since the epoch");
  }
  if (options.now) checkClock(options.now());
  const { renewEvery, renewGrace, endUnpresented, ...durations } = readDurations(
    options.lifetime,
    options.renewGrace,
  );
  const lifespans = new Lifespans(durations);
  const subjectOf = subjectReader(options.subject);
  const schema = readSchema(options.schema, options.migrate, options.subject);
  const subjectOfStored: SubjectOf = (data) => {
    const fitting = schema.read(data);
    return fitting ? subjectOf(fitting) : guess(subjectOf, data);
  };
  const expiryOf = (record: SessionRecord, time: number = now()): Expiry | undefined => {
    const { createdAt, expiresAt } = record;
    const { idle } = lifespans.of(record);
    // A process whose clock was far ahead has made or touched the session, which would outlive every deadline.
    if (time >= lifespans.endOf(record) || createdAt > time + CLOCK_ERROR) return "absolute";
    return time >= expiresAt || expiresAt > time + idle + CLOCK_ERROR ? "idle" : undefined;
  };
  const signInClock = new SignInClock(now);
  const adopt = readAdopt(options.adopt, options.key, now);
  const backend = setUpStore(options.store, {
    cookieName: options.key,
    now,
    signInClock,
    lifespans,
    renewGrace,
    renewEvery,
    endUnpresented,
    hasSubject: options.subject !== undefined,
    subjectOf: subjectOfStored,
    fits: (data) => schema.read(data) !== undefined,
    limit: readLimit(options.limit, options.subject),
    adopt,
    expiryOf,
  });
  return Object.freeze({
    cookieName: options.key,
    pages: readPages(options.cacheControl),
    backend,
    cookie,
    attributes: writeAttributes(cookie),
    sentOptions: besideDefaults(cookie),
    formerly: readFormerly(options.formerly, options.key, cookie),
    adopt,
    isWeakName: isWeakName(options.key),
    now,
    signInClock,
    lifespans,
    subject: options.subject,
    carry: readCarry(options.carry, options.subject, options.schema),
    subjectOf,
    subjectOfStored,
    schema,
    idleDeadline: (record: Pick<SessionRecord, "lifetime"> | undefined) =>
      Math.floor(now() + lifespans.of(record).idle),
    expiryOf,
  });
}

function readCookie(options: object): CookieSettings {
  const entries = Object.entries(DEFAULT_COOKIE).map(([name, fallback]) => {
    const given: unknown = (options as Record<string, unknown>)[name];
    return [name, given === undefined ? fallback : given] as const;
  });
  // checkCookieSettings checks the type of each attribute.
  return Object.freeze(Object.fromEntries(entries) as unknown as CookieSettings);
}

function readPages(given: unknown = "private, no-cache"): PageCaching {
  if (given === "private, no-cache" || given === "no-store") return given;
  throw configError(
    `cacheControl must be "private, no-cache" or "no-store", got ${describe(given)}; a page of which others may keep a ` +
      "copy sets its own Cache-Control",
  );
}

/** Refuses a clock that gives no number of milliseconds: its deadlines would never come. */
function checkClock(time: unknown): void {
  if (typeof time === "number" && Number.isFinite(time) && time >= 0) return;
  throw configError(
    `now must give milliseconds since the epoch, a number; it gave ${describe(time)}`,
  );
}

/** Gives the subject of data that does not fit the schema, or `undefined` if the subject itself does not fit. */
function guess(subjectOf: SubjectOf, data: SessionData): string | undefined {
  try {
    return subjectOf(data);
  } catch {
    return undefined;
  }
}

/** Sets up the store, or both of a move from one to another. */
function setUpStore(store: unknown, context: StoreContext): SessionBackend {
  if (store instanceof SessionStore) return SessionStore.setUp(store, context);
  if (!Array.isArray(store)) throw noStore(describe(store));
  const [next, before, ...others]: readonly unknown[] = store;
  if (!(next instanceof SessionStore && before instanceof SessionStore) || others.length > 0) {
    throw noStore("a list that is not [next, before]");
  }
  if (next === before) throw configError("store: [next, before] names the same store twice");
  if (context.adopt) {
    throw configError(
      "adopt and store: [next, before] are two moves; make one after the other, as old cookies would be adopted in both stores",
    );
  }
  return twoStores(
    SessionStore.setUp(next, context),
    SessionStore.setUp(before, beside(before, context)),
    context.now,
  );
}

/** The options for the second store. Sealed cookies know neither a limit nor tokens of `renewEvery`. */
function beside(store: SessionStore, context: StoreContext): StoreContext {
  const plain = { ...context, limit: undefined, renewEvery: undefined, endUnpresented: false };
  try {
    SessionStore.setUp(store, context);
    return context;
  } catch {
    return plain;
  }
}

function noStore(found: string): Error {
  return configError(
    `store must be a session store such as cookieStore({ secret }) or tableStore({ table }), got ${found}`,
  );
}
