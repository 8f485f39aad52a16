/**
 * What an application sees: the helpers and the session. No code.
 */
/** What a host calls its request: `req`, `request`, `c`, `ctx`, `event`, `conn`. A response does not fit. */
export type Conn =
  | { readonly headers: object; readonly ok?: never; readonly sent?: never }
  | { readonly req: object; readonly statusCode?: never };

/** The headers of a request, as `node:http` or the Fetch standard gives them: `req.headers`, not `req`. */
export type RequestHeaders = (
  | { readonly cookie?: string | readonly string[] | undefined }
  | { get(name: string): string | null }
) & { readonly headers?: never; readonly req?: never };

type Atom =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | ArrayBufferView
  | ((...args: never) => unknown);

/** A value as it is read: what Sojourn freezes is `readonly` for the compiler too. */
export type Frozen<T> = T extends Atom
  ? T
  : T extends readonly (infer Element)[]
    ? number extends T["length"]
      ? readonly Frozen<Element>[]
      : { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T extends ReadonlyMap<infer Key, infer Value>
      ? ReadonlyMap<Frozen<Key>, Frozen<Value>>
      : T extends ReadonlySet<infer Element>
        ? ReadonlySet<Frozen<Element>>
        : T extends object
          ? { readonly [Key in keyof T]: Frozen<T[Key]> }
          : T;

/** What a key may hold: anything but `undefined`, which is what `delete` is for. */
export type Stored<Data, Key extends keyof Data> = Frozen<Exclude<Data[Key], undefined>>;

/** From the old value to the new one; `undefined` deletes the key. Pure and synchronous: it may run again. */
export type Change<Data, Key extends keyof Data> = (
  value: Stored<Data, Key> | undefined,
) => Stored<Data, Key> | undefined;

/** The attributes of the session cookie. */
export interface CookieSettings {
  /** Default `"/"`. */
  readonly path: string;
  /** Default none: the cookie stays with the host that set it. */
  readonly domain: string | undefined;
  /** Default `true`. Browsers accept Secure cookies on `http://localhost` as well. */
  readonly secure: boolean;
  /** Default `true`. */
  readonly httpOnly: boolean;
  /** Default `"lax"`. */
  readonly sameSite: "strict" | "lax" | "none";
  /** Default `false`. A cookie of its own per top-level site (CHIPS). */
  readonly partitioned: boolean;
  /** Default `false`: the cookie ends with the browser. `true` sends Max-Age, the time left to the absolute deadline. */
  readonly persist: boolean;
}

/** What `configure` takes: the cookie's attributes, and the verbs. */
export interface SessionSettings extends CookieSettings {
  /** Change the token: after log-in and whenever rights change. */
  readonly renew: boolean;
  /** End the session: log-out. */
  readonly drop: boolean;
  /** Commit nothing of this request. */
  readonly ignore: boolean;
}

/** A union of `[name, value]` pairs: a name never meets the value of another setting. */
export type Setting = {
  [Name in keyof SessionSettings]: [name: Name, value: SessionSettings[Name]];
}[keyof SessionSettings];

/** The session of one request. Every method is synchronous; the commit comes before the first header byte. */
export interface Session<Data extends object = Record<string, unknown>> {
  /** A public name for logs, sockets and lists: the same for the whole life of the session. `undefined` until it is stored. */
  readonly handle: string | undefined;
  /** `false` when the store failed and the host's option is `onStoreError: "anonymous"`: reads are empty, writes throw. */
  readonly available: boolean;
  /** All data, frozen. */
  get(): Frozen<Partial<Data>>;
  /** One value, frozen, or `undefined`. Date, Map, Set and typed arrays come as a fresh copy. */
  get<Key extends keyof Data & string>(key: Key): Stored<Data, Key> | undefined;
  /**
   * Keeps a copy of the value. @throws ERR_SESSION_NOT_SERIALIZABLE naming the path of what cannot be stored, and
   * ERR_SESSION_SCHEMA naming the path of what does not fit the option `schema`
   */
  put<Key extends keyof Data & string>(key: Key, value: Stored<Data, Key>): this;
  /** Removes one key. Ending the session is {@link drop}. */
  delete(key: keyof Data & string): this;
  /** Puts what `change` makes of the value. On a conflict with another request it runs again on the fresh value. */
  update<Key extends keyof Data & string>(key: Key, change: Change<Data, Key>): this;
  /** Takes the message that an earlier request left under `key`. */
  flash<Key extends keyof Data & string>(key: Key): Stored<Data, Key> | undefined;
  /** Leaves a message for a later request, outside the data. */
  flash<Key extends keyof Data & string>(key: Key, value: Stored<Data, Key>): this;
  /** An attribute of this session's cookie, or a verb; a verb set to `false` is withdrawn. */
  configure(...setting: Setting): this;
  /** `configure("renew", true)` */
  renew(): this;
  /** `configure("drop", true)` */
  drop(): this;
}

/** Whose session it is: the value of the data key that the option `subject` names. */
export type Subject = string | number | bigint;

/** One of a subject's sessions. */
export interface SessionInfo<Label> {
  /** What {@link Sessions.revokeOne} takes. It opens nothing and may be shown. */
  readonly handle: string;
  readonly createdAt: Date;
  /** Exact to the interval of touches: a tenth of the idle lifetime, 5 minutes at most. */
  readonly lastSeenAt: Date;
  /** The value of the data key that `label` named, such as what the application noted of the device. */
  readonly label: Label | undefined;
  /** Whether it is the session of the request that `current` gave. */
  readonly current: boolean;
}

/** Options of {@link Sessions.list}. */
export interface ListOptions<Key> {
  /** The data key whose value stands beside each session. */
  readonly label?: Key | undefined;
  /** The request that asks: its session is marked. */
  readonly current?: Conn | undefined;
}

/** Options of {@link Sessions.revoke}. */
export interface RevokeOptions {
  /** The one session to leave alone: that of a request, or a handle. */
  readonly except?: Conn | string | undefined;
}

/** The helpers, typed by the data: properties, not methods, so that they may be taken apart. */
export interface Sessions<Data extends object = Record<string, unknown>> {
  /**
   * All session data, or the value of one key.
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
   * Configures the session: a cookie attribute or a verb.
   * @example
   * ```ts
   * configureSession(req, "persist", true);
   * ```
   */
  readonly configureSession: (conn: Conn, ...setting: Setting) => void;
  /**
   * Changes the session's token: call it at log-in.
   * @example
   * ```ts
   * renewSession(req);
   * putSession(req, "user_id", "u1");
   * ```
   */
  readonly renewSession: (conn: Conn) => void;
  /**
   * Ends the session: log-out.
   * @example
   * ```ts
   * dropSession(req);
   * ```
   */
  readonly dropSession: (conn: Conn) => void;
  /**
   * Fetches the session if the middleware was registered with `fetch: false`. Safe to call again.
   * @example
   * ```ts
   * const session = await fetchSession(req);
   * session.get("user_id");
   * ```
   */
  readonly fetchSession: (conn: Conn) => Promise<Session<Data>>;
  /**
   * The whole session of a fetched request, typed on every host.
   * @example
   * ```ts
   * sessions.of(req).flash("notice", "Saved.");
   * ```
   */
  readonly of: (conn: Conn) => Session<Data>;
  /**
   * Reads the session of a request that passes no middleware, such as the upgrade to a WebSocket. It is only read:
   * a write throws ERR_SESSION_COMMITTED, and the session does not live longer for it.
   * @example
   * ```ts
   * const session = await sessions.read(req.headers);
   * const user = session.get("user_id");
   * ```
   */
  readonly read: (headers: RequestHeaders) => Promise<Session<Data>>;
  /**
   * The living sessions of a subject, the newest log-in first. Needs the option `subject` and a table.
   * @throws ERR_SESSION_STORE when the store fails
   * @example
   * ```ts
   * for (const { handle, lastSeenAt } of await sessions.list("u1", { current: req })) {
   *   console.log(handle, lastSeenAt);
   * }
   * ```
   */
  readonly list: <Key extends keyof Data & string = never>(
    subject: Subject,
    options?: ListOptions<Key>,
  ) => Promise<readonly SessionInfo<Stored<Data, Key>>[]>;
  /**
   * Ends all sessions of a subject, also a log-in that began before this call and is committed after it. Needs the
   * option `subject`, and a table or revocable cookies.
   * @throws ERR_SESSION_STORE when the store fails: then call it again, as some may live
   * @example
   * ```ts
   * // After a new password: all sessions but this one.
   * await sessions.revoke("u1", { except: req });
   * ```
   */
  readonly revoke: (subject: Subject, options?: RevokeOptions) => Promise<void>;
  /**
   * Ends one session of a subject. Nothing happens when the session is somebody else's.
   * @example
   * ```ts
   * await sessions.revokeOne("u1", handle);
   * ```
   */
  readonly revokeOne: (subject: Subject, handle: string) => Promise<void>;
}

// `any` is what lets Sessions of every Data fit one parameter of the adapters.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnySessions = Sessions<any>;

/** The session that a `Sessions` gives. */
export type SessionOf<S> = S extends Sessions<infer Data> ? Session<Data> : never;

/** Augmented by the application, once: property name on the request -> sessions. */
export interface Register {}

/** What every host's request type extends: `{}` until something is registered. */
export type Registered = {
  readonly [Name in keyof Register]: SessionOf<Register[Name]>;
};

/** What every host's `session(...)` takes. */
export interface HostOptions {
  /** `false` registers the middleware only; `await fetchSession(conn)` then fetches. Default `true`. */
  readonly fetch?: boolean | undefined;
  /** The property on the host's request. Default `"session"`. */
  readonly as?: string | undefined;
  /** What a failing store does to a request: `"throw"` (default) or an empty session that refuses writes. */
  readonly onStoreError?: "throw" | "anonymous" | undefined;
}
