/** The drop-in for express-session: the same options and the same `req.session`, kept by the laws of Sojourn. */
import type { ServerResponse } from "node:http";
import type expressSession from "express-session";
import { readCookies } from "../core/cookie/read-cookies.ts";
import { SessionError } from "../core/errors.ts";
import type { AdoptOptions } from "../core/options/adopt.ts";
import type { SessionStore } from "../core/store.ts";
import { prepareExpress } from "./_node/express-objects.ts";
import { connectTable } from "./express-session/connect-table.ts";
import { ConnectVisit } from "./express-session/visits/connect-visit.ts";
import { Cookie as OwnCookie } from "./express-session/cookie.ts";
import { Exchange } from "./express-session/exchange.ts";
import { exchangeOf } from "./express-session/exchanges.ts";
import type { SessionRequest } from "./express-session/exchanges.ts";
import { readDropInOptions } from "./express-session/options.ts";
import type { DropInOptions, GivenOptions } from "./express-session/options.ts";
import { createOwnStore } from "./express-session/own-store.ts";
import { OwnVisit } from "./express-session/visits/own-visit.ts";
import { Session as OwnSession, asThrown } from "./express-session/session.ts";
import { MemoryStore as OwnMemoryStore, Store as OwnStore } from "./express-session/store.ts";
import { isBelow, newCookie } from "./express-session/transport.ts";
import type { Visit } from "./express-session/visits/visit.ts";

export { connectTable } from "./express-session/connect-table.ts";
export type { ConnectTableOptions } from "./express-session/connect-table.ts";
export type { SessionData } from "express-session";

/** Options of express-session, and a store of Sojourn as well. */
export interface Options extends Omit<expressSession.SessionOptions, "store" | "secret"> {
  /** Signs the cookie of a store of express-session. A store of Sojourn needs none. */
  readonly secret?: expressSession.SessionOptions["secret"] | undefined;
  /** A store of express-session, or `tableStore(...)` or `cookieStore(...)`. Default: a memory store. */
  readonly store?: expressSession.Store | SessionStore | undefined;
  /** `"anonymous"`: a request whose session cannot be read goes on without `req.session`. Default `"throw"`. */
  readonly onStoreError?: "throw" | "anonymous" | undefined;
  /** Takes over the sessions of another cookie, such as those of express-session itself. Needs a store of Sojourn. */
  readonly adopt?: AdoptOptions | undefined;
}

interface ExpressSession {
  (options?: Options): ReturnType<typeof expressSession>;
  readonly Store: typeof expressSession.Store;
  readonly MemoryStore: typeof expressSession.MemoryStore;
  readonly Session: typeof expressSession.Session;
  readonly Cookie: typeof expressSession.Cookie;
  readonly connectTable: typeof connectTable;
}

function createMiddleware(given: GivenOptions = {}) {
  const options = readDropInOptions(given);
  const { connect } = options.store;
  const sessionStore = connect ?? createOwnStore();
  let isReady = true;
  if (connect) connect.generate = (req) => exchangeOf(req)?.generate();
  connect?.on?.("disconnect", () => (isReady = false));
  connect?.on?.("connect", () => (isReady = true));

  return function sojourn(
    req: SessionRequest,
    res: ServerResponse,
    next: (error?: unknown) => void,
  ): void {
    // A look at `req.session` would count as the handler's.
    if (exchangeOf(req) || req.session) return next();
    if (!isBelow(req, options.cookieOptions(req).path)) return next();
    if (!isReady) return options.anonymousOnError ? next() : next(disconnected());
    const visit = createVisit(options, req);
    prepareExpress(req, res);
    if (!visit) return next(new Error("secret option required for sessions"));
    req.sessionStore = sessionStore;
    const exchange = new Exchange(options, visit, req, res, next);
    exchange.begin().then(
      () => next(),
      (error: unknown) => (options.anonymousOnError ? next() : next(asThrown(error))),
    );
  };
}

function createVisit(options: DropInOptions, req: SessionRequest): Visit | undefined {
  const { store, cookieName } = options;
  if (store.own) {
    return new OwnVisit({
      options: store.own,
      cookieHeader: cookieHeaderOf(req, cookieName),
      newCookie: () => newCookie(options, req),
    });
  }
  const secrets = options.secrets ?? (req.secret ? ([req.secret] as const) : undefined);
  if (!secrets) return undefined;
  const newId = (): string => options.newId(req);
  return new ConnectVisit({ store: store.connect, cookieName, secrets, newId, request: req });
}

/** Where a handler is called without a socket, the cookie may only stand where cookie-parser puts it. */
function cookieHeaderOf({ headers, cookies }: SessionRequest, name: string): string | undefined {
  const parsed = cookies?.[name];
  if (typeof parsed !== "string" || readCookies(headers.cookie, name).length > 0) {
    return headers.cookie;
  }
  // What was decoded is encoded again, so that it stays one cookie.
  return `${name}=${encodeURIComponent(parsed)}`;
}

function disconnected(): SessionError {
  return new SessionError("ERR_SESSION_STORE", "the session store says that it is disconnected");
}

/** The base of a store of your own, as in express-session. */
export const Store = OwnStore as unknown as typeof expressSession.Store;
export type Store = expressSession.Store;
/** A store in this process, for development. */
export const MemoryStore = OwnMemoryStore as unknown as typeof expressSession.MemoryStore;
export type MemoryStore = expressSession.MemoryStore;
/** What `req.session` is. */
export const Session = OwnSession as unknown as typeof expressSession.Session;
export type Session = expressSession.Session;
/** What `req.session.cookie` is. */
export const Cookie = OwnCookie as unknown as typeof expressSession.Cookie;
export type Cookie = expressSession.Cookie;

const statics = { Store, MemoryStore, Session, Cookie, connectTable };

/**
 * Makes a middleware that takes the place of express-session: the same options, and the same `req.session`.
 * @throws TypeError where express-session does, and ERR_SESSION_CONFIG for what a law of Sojourn forbids
 * @example
 * ```ts
 * import express from "express";
 * import session from "sojourn/express-session";
 *
 * const app = express();
 * app.use(session({ secret: process.env["SESSION_SECRET"] ?? "", resave: false, saveUninitialized: false }));
 * ```
 */
const session = Object.assign(createMiddleware, statics) as unknown as ExpressSession;
// Code that was compiled for CommonJS reads `default` of what `require` gives.
Object.defineProperty(session, "default", { value: session });

// The types that express-session has under its own name: `session.SessionData`.
// oxlint-disable-next-line typescript/no-namespace
declare namespace session {
  type SessionOptions = Options;
  type SessionData = expressSession.SessionData;
  type CookieOptions = expressSession.CookieOptions;
  type Session = expressSession.Session;
  type Cookie = expressSession.Cookie;
  type Store = expressSession.Store;
  type MemoryStore = expressSession.MemoryStore;
}

// By the second name `require` gives the function itself, as it does for express-session.
// oxlint-disable-next-line import/no-default-export -- as in express-session
export { session as default, session as "module.exports" };
