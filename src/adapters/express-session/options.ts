import { randomBytes } from "node:crypto";
import { configError, describe } from "../../core/errors.ts";
import type { AdoptOptions } from "../../core/options/adopt.ts";
import type { ResolvedOptions } from "../../core/options/read-options.ts";
import { SessionStore } from "../../core/store.ts";
import { warnOnce } from "../../core/warn.ts";
import type { SessionRequest } from "./exchanges.ts";
import { setUpOwn } from "./visits/own-sessions.ts";
import type { OwnCookieOptions } from "./visits/own-sessions.ts";
import type { Secret } from "./signed-cookie.ts";
import { MemoryStore } from "./store.ts";
import type { ConnectStore } from "./store.ts";

/** The cookie's options, or a function that gives them for a request. */
type CookieOptions = OwnCookieOptions & {
  readonly sameSite?: unknown;
  readonly partitioned?: unknown;
  readonly priority?: unknown;
};

/** What `session(options)` of express-session takes. */
export interface GivenOptions {
  readonly secret?: Secret | readonly Secret[] | undefined;
  readonly name?: string | undefined;
  /** The former name of `name`. */
  readonly key?: string | undefined;
  readonly store?: object | undefined;
  readonly cookie?: CookieOptions | ((req: never) => CookieOptions) | undefined;
  readonly genid?: ((req: never) => string) | undefined;
  readonly rolling?: boolean | undefined;
  readonly resave?: boolean | undefined;
  readonly saveUninitialized?: boolean | undefined;
  readonly unset?: "destroy" | "keep" | undefined;
  readonly proxy?: boolean | undefined;
  readonly onStoreError?: "throw" | "anonymous" | undefined;
  readonly adopt?: AdoptOptions | undefined;
}

/** The options with their defaults. */
export interface DropInOptions {
  readonly cookieName: string;
  /** `undefined`: the secret of cookie-parser, if there is one. */
  readonly secrets: readonly [Secret, ...Secret[]] | undefined;
  readonly store:
    | { readonly connect: ConnectStore; readonly own?: never }
    | { readonly own: ResolvedOptions; readonly connect?: never };
  readonly cookieOptions: (req: SessionRequest) => CookieOptions;
  readonly newId: (req: SessionRequest) => string;
  readonly rolling: boolean;
  readonly resave: boolean;
  readonly saveUninitialized: boolean;
  readonly destroysUnset: boolean;
  readonly proxy: boolean | undefined;
  readonly anonymousOnError: boolean;
}

const KNOWN = Object.keys({
  secret: 0,
  name: 0,
  key: 0,
  store: 0,
  cookie: 0,
  genid: 0,
  rolling: 0,
  resave: 0,
  saveUninitialized: 0,
  unset: 0,
  proxy: 0,
  onStoreError: 0,
  adopt: 0,
} satisfies Record<keyof GivenOptions, unknown>);

/**
 * Checks the options and fills the defaults of express-session in.
 * @throws TypeError as express-session does; ERR_SESSION_CONFIG for what no law allows
 */
export function readDropInOptions(given: GivenOptions): DropInOptions {
  const { genid, unset, onStoreError } = given;
  const cookieName = given.name || given.key || "connect.sid";
  const cookie = given.cookie ?? {};
  if (genid !== undefined && typeof genid !== "function") {
    throw new TypeError("genid option must be a function");
  }
  if (unset && unset !== "destroy" && unset !== "keep") {
    throw new TypeError('unset option must be "destroy" or "keep"');
  }
  if (onStoreError !== undefined && onStoreError !== "throw" && onStoreError !== "anonymous") {
    throw configError(`onStoreError must be "throw" or "anonymous", got ${describe(onStoreError)}`);
  }
  const isFixed = typeof cookie !== "function";
  const store = readStore(given, cookieName, isFixed ? cookie : {});
  warn(given, isFixed ? cookie : undefined);
  return {
    cookieName,
    secrets: readSecrets(given.secret),
    store,
    cookieOptions: isFixed ? () => cookie : (cookie as (req: SessionRequest) => CookieOptions),
    newId: (genid as ((req: SessionRequest) => string) | undefined) ?? randomId,
    rolling: Boolean(given.rolling),
    resave: given.resave ?? true,
    saveUninitialized: given.saveUninitialized ?? true,
    destroysUnset: unset === "destroy",
    proxy: given.proxy,
    anonymousOnError: onStoreError === "anonymous",
  };
}

function randomId(): string {
  return randomBytes(24).toString("base64url");
}

function readSecrets(secret: GivenOptions["secret"]): DropInOptions["secrets"] {
  if (!secret) return undefined;
  const secrets = Array.isArray(secret) ? (secret as readonly Secret[]) : [secret as Secret];
  const [first, ...others] = secrets;
  if (first === undefined) {
    throw new TypeError("secret option array must contain one or more strings");
  }
  return [first, ...others];
}

function readStore(
  { store, genid, adopt }: GivenOptions,
  cookieName: string,
  cookie: CookieOptions,
): DropInOptions["store"] {
  if (store instanceof SessionStore) {
    if (genid) {
      throw configError(
        "genid cannot work with a store of Sojourn: it draws the handle and the token of a session itself (law L3). Leave " +
          "genid out; req.sessionID is a random id",
      );
    }
    return { own: setUpOwn(store, cookieName, adopt, cookie) };
  }
  if (adopt) {
    throw configError(
      "adopt needs a store of Sojourn, such as tableStore({ table }): a store of express-session goes on with its own sessions",
    );
  }
  const connect = (store ?? new MemoryStore()) as ConnectStore;
  for (const method of ["get", "set", "destroy"] as const) {
    if (typeof connect[method] === "function") continue;
    throw configError(
      `store must be a store of express-session, with the methods get, set and destroy, or a store of Sojourn such as ` +
        `tableStore({ table }); got ${describe(store)} without ${method}`,
    );
  }
  if (!store && process.env["NODE_ENV"] === "production") {
    warnOnce(
      "SOJOURN_MEMORY_STORE",
      "session() without a store keeps its sessions in this process: they end with it, and nothing removes those that " +
        "nobody uses. Pass a store",
    );
  }
  return { connect };
}

/** Says where a default of express-session differs from a law of Sojourn. The default stands. */
function warn(given: GivenOptions, cookie: CookieOptions | undefined): void {
  if (given.saveUninitialized !== false) {
    warnOnce(
      "SOJOURN_SAVE_UNINITIALIZED",
      "saveUninitialized is on, as in express-session, if it is not false: every visitor without a cookie gets a session in " +
        "the store. Set saveUninitialized: false (law L13)",
    );
  }
  if (cookie && !cookie.secure) {
    warnOnce(
      "SOJOURN_COOKIE_NOT_SECURE",
      "cookie.secure is not set, as in express-session: the cookie also leaves over plain http, where others can read it. " +
        'Set cookie: { secure: true }, or "auto" (law L19)',
    );
  }
  const unknown = Object.keys(given).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) {
    warnOnce(
      "SOJOURN_UNKNOWN_OPTION",
      `session() knows no option ${unknown.map((name) => `"${name}"`).join(", ")}, and ignores it, as express-session does`,
    );
  }
}
