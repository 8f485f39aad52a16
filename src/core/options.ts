import { SessionError, configError, describe } from "./errors.ts";
import { readSchema } from "./schema-option.ts";
import type { Schema } from "./schema.ts";
import {
  DEFAULT_COOKIE,
  checkCookieName,
  checkCookieSettings,
  writeAttributes,
} from "./set-cookie.ts";
import type { Bag, SessionBackend, SessionRecord, SessionStore } from "./store.ts";
import type { CookieSettings, Lifetime, SessionOptions } from "./types.ts";
import { own } from "./values.ts";

const DAY = 24 * 60 * 60;
const DEFAULT_LIFETIME = { idle: DAY, absolute: 30 * DAY } as const;
const DEFAULT_RENEW_GRACE = 10;
/** Seconds of a hundred years: milliseconds were meant. */
const LONGEST = 100 * 365 * DAY;
/** Reading a session moves its deadline no oftener than this, in milliseconds. */
const LONGEST_TOUCH_INTERVAL = 5 * 60 * 1000;

/** Everything about one `createSessions` that is fixed at set-up. Durations in milliseconds. */
export interface Settings {
  readonly key: string;
  readonly backend: SessionBackend;
  readonly cookie: CookieSettings;
  /** `cookie` as it stands in a Set-Cookie header. */
  readonly attributes: string;
  readonly now: () => number;
  readonly idle: number;
  readonly absolute: number;
  readonly touchInterval: number;
  /** Whose data this is, as a request sees it. */
  readonly subjectOf: (data: Bag) => string | undefined;
  /** Whose data this is, as it is stored. */
  readonly subjectOfStored: (data: Bag) => string | undefined;
  readonly schema: Schema;
  readonly isOver: (record: SessionRecord) => boolean;
}

/** What other libraries call it, or do, and our word for it. */
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
  genid: "nothing: the handle and the secret are random",
  proxy: "nothing: secure is true unless the option says false",
};

const KNOWN = new Set(
  Object.keys({
    store: 0,
    key: 0,
    lifetime: 0,
    renewGrace: 0,
    subject: 0,
    schema: 0,
    migrate: 0,
    now: 0,
    ...DEFAULT_COOKIE,
  } satisfies Record<keyof SessionOptions, unknown>),
);

/**
 * Checks the options and fills the defaults in. The one place that judges them.
 * @throws ERR_SESSION_CONFIG that says what was found and what to do
 */
export function readOptions<Data extends object>(options: SessionOptions<Data>): Settings {
  if (typeof options !== "object" || options === null) {
    throw configError("createSessions takes an object with at least a store and a key");
  }
  for (const option of Object.keys(options)) refuseUnknown(option);
  checkCookieName(options.key);
  const cookie = readCookie(options);
  checkCookieSettings(options.key, cookie, configError);
  const now = options.now ?? Date.now;
  if (typeof now !== "function") {
    throw configError("now must be a function that gives milliseconds since the epoch");
  }
  const lifetime = readLifetime(options.lifetime);
  const idle = seconds("lifetime.idle", lifetime.idle, DEFAULT_LIFETIME.idle);
  const absolute = seconds("lifetime.absolute", lifetime.absolute, DEFAULT_LIFETIME.absolute);
  const renewGrace = seconds("renewGrace", options.renewGrace, DEFAULT_RENEW_GRACE, 0);
  const subjectOf = subjectReader(options.subject);
  const schema = readSchema(options.schema, options.migrate, options.subject);
  const subjectOfStored = (data: Bag): string | undefined => {
    const fitting = schema.read(data);
    return fitting ? subjectOf(fitting) : guess(subjectOf, data);
  };
  const isOver = ({ createdAt, expiresAt }: SessionRecord): boolean => {
    const time = now();
    return time >= expiresAt || time >= createdAt + absolute;
  };
  const backend = setupStore(options.store, {
    key: options.key,
    now,
    renewGrace,
    subjectOf: subjectOfStored,
    fits: (data) => schema.read(data) !== undefined,
    isOver,
  });
  return Object.freeze({
    key: options.key,
    backend,
    cookie,
    attributes: writeAttributes(cookie),
    now,
    idle,
    absolute,
    touchInterval: Math.min(idle / 10, LONGEST_TOUCH_INTERVAL),
    subjectOf,
    subjectOfStored,
    schema,
    isOver,
  });
}

function refuseUnknown(option: string): void {
  if (KNOWN.has(option)) return;
  const ours = Object.hasOwn(ELSEWHERE, option) ? ELSEWHERE[option] : undefined;
  throw configError(
    `createSessions does not know the option "${option}"; ${
      ours ? `here it is ${ours}` : `it takes ${[...KNOWN].join(", ")}`
    }`,
  );
}

function readCookie(options: object): CookieSettings {
  const entries = Object.entries(DEFAULT_COOKIE).map(([name, fallback]) => {
    const given: unknown = (options as Record<string, unknown>)[name];
    return [name, given === undefined ? fallback : given] as const;
  });
  // checkCookieSettings is what makes this true.
  return Object.freeze(Object.fromEntries(entries) as unknown as CookieSettings);
}

function readLifetime(lifetime: Lifetime = {}): Lifetime {
  if (typeof lifetime !== "object" || lifetime === null) {
    throw configError(`lifetime must be { idle, absolute } in seconds, got ${describe(lifetime)}`);
  }
  const unknown = Object.keys(lifetime).find((name) => !Object.hasOwn(DEFAULT_LIFETIME, name));
  if (unknown !== undefined) {
    throw configError(`lifetime takes idle and absolute, in seconds; got "${unknown}"`);
  }
  return lifetime;
}

function seconds(name: string, given: unknown, fallback: number, least = 1): number {
  const value = given === undefined ? fallback : given;
  if (typeof value !== "number" || !(value >= least && value <= LONGEST)) {
    throw configError(
      `${name} must be a number of seconds from ${least} to ${LONGEST}, got ${describe(value)}`,
    );
  }
  return value * 1000;
}

function subjectReader(key: unknown): (data: Bag) => string | undefined {
  if (key === undefined) return () => undefined;
  if (typeof key !== "string") {
    throw configError(
      `subject must be the data key that says whose session it is, got ${describe(key)}`,
    );
  }
  return (data) => {
    const value = own(data, key);
    switch (typeof value) {
      case "undefined":
        return undefined;
      case "string":
      case "number":
      case "bigint":
        return `${typeof value}:${value}`;
      default:
        throw new SessionError(
          "ERR_SESSION_USE",
          `"${key}" is the subject and must be a string or a number, such as the user's id`,
        );
    }
  };
}

/** Whose data this is that does not fit the schema: other keys may be the reason. */
function guess(subjectOf: (data: Bag) => string | undefined, data: Bag): string | undefined {
  try {
    return subjectOf(data);
  } catch {
    return undefined;
  }
}

function setupStore(
  store: SessionStore | undefined,
  context: Parameters<SessionStore["setup"]>[0],
): SessionBackend {
  if (typeof store?.setup !== "function") {
    throw configError(
      `store must be a session store such as cookieStore({ secret }) or tableStore({ table }), got ${
        store === undefined ? "undefined" : typeof store
      }`,
    );
  }
  return store.setup(context);
}
