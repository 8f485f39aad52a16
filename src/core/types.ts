/** The types that an application sees: the helpers and the session. There is no code here. */
import type { Conn } from "./conn.ts";
import type { CookieSource } from "./cookie/cookie-source.ts";
import type { Change, Frozen, Stored } from "./data/frozen.ts";
import type { OpenOptions, ReadOptions, SessionAnswer } from "./request/answer.ts";
import type { Lifetime } from "./options/session-options.ts";
import type { SubjectMethods } from "./subject/session-info.ts";

export type { Conn } from "./conn.ts";
export type { Change, Frozen, Stored } from "./data/frozen.ts";
export type { Subject } from "./subject/session-info.ts";

/** The attributes of the session cookie. */
export interface CookieSettings {
  /** Default `"/"`. */
  readonly path: string;
  /** Default none: the browser sends the cookie only to the host that set it. */
  readonly domain: string | undefined;
  /** Default `true`. Browsers accept Secure cookies on `http://localhost` as well. */
  readonly secure: boolean;
  /** Default `true`. */
  readonly httpOnly: boolean;
  /** Default `"lax"`. */
  readonly sameSite: "strict" | "lax" | "none";
  /** Default `false`. With `true` the browser keeps one cookie for each top-level site (CHIPS). */
  readonly partitioned: boolean;
  /** Default `false`: the cookie ends with the browser. With `true` its Max-Age is the time to the absolute deadline. */
  readonly persist: boolean;
}

/** The settings that `configure` takes: the cookie's attributes, the session's lifetime, and the verbs. */
export interface SessionSettings extends CookieSettings {
  /**
   * The lifetime of this session alone, in seconds, up to the option `lifetime.longest`: "remember me". The options hold
   * for a time that is left out. It counts from the session's first write, and stays until it is configured again.
   */
  readonly lifetime: Pick<Lifetime, "idle" | "absolute">;
  /** Changes the token. Use it after a log-in, and whenever rights change. */
  readonly renew: boolean;
  /** Ends the session: log out. */
  readonly drop: boolean;
  /** Commits nothing of this request. */
  readonly ignore: boolean;
}

/** A union of `[name, value]` pairs, so that the compiler refuses a name with the value of another setting. */
export type Setting = {
  [Name in keyof SessionSettings]: [name: Name, value: SessionSettings[Name]];
}[keyof SessionSettings];

/** The session of one request. Every method is synchronous. The host commits the session before the head leaves. */
export interface Session<Data extends object = Record<string, unknown>> {
  /**
   * A public id for CSRF tokens, sockets, caches and rate limits. It changes whenever the session is renewed or gets
   * another subject, so that nothing that was bound to it before holds after a log-in. It opens nothing.
   */
  readonly id: string;
  /**
   * A public name for logs, lists and `revokeOne`. It stays the same for the whole life of the session, also through a
   * log-in. It is `undefined` until the session is stored.
   */
  readonly handle: string | undefined;
  /**
   * When the subject last signed in: when a request put the subject, the same one or another, and renewed. Use it to
   * ask for the password again before an important step. It is `undefined` if nobody is signed in, or without the
   * option `subject`.
   */
  readonly signedInAt: Date | undefined;
  /** `false` if the store failed and the host has `onStoreError: "anonymous"`. Reads are empty, and writes throw. */
  readonly available: boolean;
  /** Gives all data, frozen. */
  get(): Frozen<Partial<Data>>;
  /** Gives one value, frozen, or `undefined`. A Date, Map, Set or typed array is a fresh copy. */
  get<Key extends keyof Data & string>(key: Key): Stored<Data, Key> | undefined;
  /**
   * Keeps a copy of the value.
   * @throws ERR_SESSION_NOT_SERIALIZABLE if a part cannot be stored, and ERR_SESSION_SCHEMA if a part does not fit the
   * option `schema`; the message names the path of that part
   */
  put<Key extends keyof Data & string>(key: Key, value: Stored<Data, Key>): this;
  /** Removes one key. {@link drop} ends the session. */
  delete(key: keyof Data & string): this;
  /** Puts the result of `change`. After a conflict with another request, `change` runs again on the fresh value. */
  update<Key extends keyof Data & string>(key: Key, change: Change<Data, Key>): this;
  /** Takes the message that an earlier request has left under `key`. */
  flash<Key extends keyof Data & string>(key: Key): Stored<Data, Key> | undefined;
  /** Leaves a message for a later request, outside the data. */
  flash<Key extends keyof Data & string>(key: Key, value: Stored<Data, Key>): this;
  /**
   * Shows the message that {@link flash} would take, and leaves it there. It works where nothing may be written, such as
   * in a component, and for a page that the browser fetches ahead.
   */
  peek<Key extends keyof Data & string>(key: Key): Stored<Data, Key> | undefined;
  /** Sets an attribute of this session's cookie, its lifetime, or a verb. `false` withdraws a verb. */
  configure(...setting: Setting): this;
  /** The same as `configure("renew", true)`. */
  renew(): this;
  /** The same as `configure("drop", true)`. */
  drop(): this;
}

/** A session that is only read: the compiler refuses a write, and so does the session. */
export type ReadonlySession<Data extends object = Record<string, unknown>> = Pick<
  Session<Data>,
  "id" | "handle" | "signedInAt" | "available" | "get" | "peek"
>;

/** A session that no middleware commits. The code that has opened it commits it. */
export interface OpenSession<Data extends object = Record<string, unknown>> {
  readonly session: Session<Data>;
  /**
   * Stores the changes, once. Call it before the response leaves, also if the handler has failed.
   * @throws ERR_SESSION_STORE, ERR_SESSION_CONFLICT or ERR_SESSION_COOKIE_OVERFLOW if that fails
   */
  readonly commit: () => Promise<SessionAnswer>;
}

/** The helpers, typed by the data. They are properties and no methods, so that you may destructure them. */
export interface Sessions<
  Data extends object = Record<string, unknown>,
> extends SubjectMethods<Data> {
  /**
   * Gives all session data, or the value of one key.
   * @example
   * ```ts
   * const user = getSession(req, "user_id");
   * const { cart = [] } = getSession(req);
   * ```
   */
  readonly getSession: {
    (conn: Conn): Frozen<Partial<Data>>;
    <Key extends keyof Data & string>(conn: Conn, key: Key): Stored<Data, Key> | undefined;
  };
  /**
   * Adds a value to the session.
   * @example
   * ```ts
   * putSession(req, "cart", ["pen", "paper"]);
   * ```
   */
  readonly putSession: <Key extends keyof Data & string>(
    conn: Conn,
    key: Key,
    value: Stored<Data, Key>,
  ) => void;
  /**
   * Deletes one key. Without a key it throws and names {@link dropSession}.
   * @example
   * ```ts
   * deleteSession(req, "cart");
   * ```
   */
  readonly deleteSession: (conn: Conn, key: keyof Data & string) => void;
  /**
   * Changes a value by a pure function, without losing what parallel requests do to it.
   * @example
   * ```ts
   * updateSession(req, "cart", (cart = []) => [...cart, "pen"]);
   * ```
   */
  readonly updateSession: <Key extends keyof Data & string>(
    conn: Conn,
    key: Key,
    change: Change<Data, Key>,
  ) => void;
  /**
   * Sets a cookie attribute of the session, its lifetime, or a verb.
   * @throws ERR_SESSION_USE for a value that cannot work, or a lifetime beyond the option `lifetime.longest`
   * @example
   * ```ts
   * configureSession(req, "persist", true);
   * configureSession(req, "lifetime", { idle: 30 * 86_400, absolute: 90 * 86_400 });
   * ```
   */
  readonly configureSession: (conn: Conn, ...setting: Setting) => void;
  /**
   * Changes the session's token. Call it at log-in.
   * @example
   * ```ts
   * renewSession(req);
   * putSession(req, "user_id", "u1");
   * ```
   */
  readonly renewSession: (conn: Conn) => void;
  /**
   * Ends the session: log out.
   * @example
   * ```ts
   * dropSession(req);
   * ```
   */
  readonly dropSession: (conn: Conn) => void;
  /**
   * Fetches the session if the middleware was registered with `fetch: false`. You may call it again.
   * @example
   * ```ts
   * const session = await fetchSession(req);
   * session.get("user_id");
   * ```
   */
  readonly fetchSession: (conn: Conn) => Promise<Session<Data>>;
  /**
   * Gives the whole session of a fetched request, typed on every host.
   * @example
   * ```ts
   * sessions.of(req).flash("notice", "Saved.");
   * ```
   */
  readonly of: (conn: Conn) => Session<Data>;
  /**
   * Reads the session of a request that passes no middleware, such as the upgrade to a WebSocket. A write to it throws
   * ERR_SESSION_COMMITTED. The idle timeout does not begin anew, unless `activity` says so.
   * @throws ERR_SESSION_STORE if the store fails
   * @example
   * ```ts
   * const session = await sessions.read(req.headers);
   * const user = session.get("user_id");
   * ```
   */
  readonly read: (source: CookieSource, options?: ReadOptions) => Promise<Session<Data>>;
  /**
   * Opens the session of a request, from its headers or a cookie jar, for a framework without a middleware of ours.
   * The code that opens the session commits it, before the response leaves.
   * @throws ERR_SESSION_STORE if the store fails
   * @example
   * ```ts
   * const { session, commit } = await sessions.open(req.headers);
   * session.put("user_id", "u1");
   * const headers = new Headers();
   * (await commit()).writeTo(headers);
   * ```
   */
  readonly open: (source: CookieSource, options?: OpenOptions) => Promise<OpenSession<Data>>;
  /**
   * Lets another object of this process find a session. The object may be a request that a page makes to its own
   * application, or another object that a framework passes on. The helpers then take the object, and a middleware that
   * meets it begins no second session. The first request commits the session.
   * @throws ERR_SESSION_USE if the object has a session of its own already
   * @example
   * ```ts
   * const inner = new Request("http://localhost/api/cart");
   * sessions.lend(sessions.of(req), inner);
   * ```
   */
  readonly lend: (session: Session<Data>, to: object) => void;
}

// `any` lets the Sessions of every Data fit one parameter of the adapters.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnySessions = Sessions<any>;

/** The session that a `Sessions` gives. */
export type SessionOf<S> = S extends Sessions<infer Data> ? Session<Data> : never;

/** The application augments it, once: the name of a property of the request, and the sessions behind it. */
export interface Register {}

/** Every host's request type extends it. It is `{}` until the application registers sessions. */
export type Registered = {
  readonly [Name in keyof Register]: SessionOf<Register[Name]>;
};

/** The options that `session(...)` of every host takes. */
export interface HostOptions {
  /** `false` only registers the middleware; `await fetchSession(conn)` then fetches. Default `true`. */
  readonly fetch?: boolean | undefined;
  /** The property on the host's request. Default `"session"`. */
  readonly as?: string | undefined;
  /** What follows if the store fails: `"throw"` (default), or `"anonymous"`, an empty session that refuses writes. */
  readonly onStoreError?: "throw" | "anonymous" | undefined;
}
