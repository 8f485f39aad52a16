/** `sojourn/adopt`: readers for the sessions of other libraries. The option `adopt` of `createSessions` takes them. */
export { cookieSession } from "./cookie-session.ts";
export { expressSession } from "./express-session.ts";
export { fastifySecureSession } from "./fastify-secure-session.ts";
export { fastifySession } from "./fastify-session.ts";
export { h3Session } from "./h3-session.ts";
export { ironSession } from "./iron-session.ts";
export { koaSession } from "./koa-session.ts";
export { reactRouterSession } from "./react-router-session.ts";

export type { OldCookies, OldData, OldSession, SessionReader } from "../core/cookie/old-session.ts";
export type { AdoptOptions } from "../core/options/adopt.ts";
export type { CookieSessionReaderOptions } from "./cookie-session.ts";
export type { ConnectStore } from "./connect-store.ts";
export type { CookieOptions, Keys } from "./cookies.ts";
export type { ExpressSessionReaderOptions } from "./express-session.ts";
export type { FastifySecureSessionReaderOptions, OpenSecretbox } from "./fastify-secure-session.ts";
export type { FastifySessionReaderOptions } from "./fastify-session.ts";
export type { H3SessionReaderOptions } from "./h3-session.ts";
export type { Password } from "./iron.ts";
export type { IronSessionReaderOptions } from "./iron-session.ts";
export type { KoaSessionReaderOptions, KoaStore } from "./koa-session.ts";
export type { ReactRouterSessionReaderOptions } from "./react-router-session.ts";
