/** The guide as it stands: Dynamo's application, router and connection, as a thin layer over Hono 4. */
import { Hono } from "hono";
import { createSessions } from "../core/sessions.ts";
import type { Sessions } from "../core/types.ts";
import { readConfig } from "./dynamo/config.ts";
import type { Config } from "./dynamo/config.ts";
import { HonoConnection } from "./dynamo/connection.ts";
import type { ConnectionEnv } from "./dynamo/connection.ts";
import { mountRouter } from "./dynamo/router.ts";
import type { Router } from "./dynamo/router.ts";
import { session } from "./hono.ts";

export { createTable } from "../tables/named-tables.ts";
export { Session } from "./dynamo/config.ts";
export type { Config, ConfiguredOptions } from "./dynamo/config.ts";
export type { Aspect, Connection, RespBody } from "./dynamo/connection.ts";
export { createRouter } from "./dynamo/router.ts";
export type { Hook, Route, Router } from "./dynamo/router.ts";

/** A configured application: the session helpers for its routers, and the function that serves a router. */
export interface Dynamo<Data extends object> extends Sessions<Data> {
  /** The sessions behind the helpers, as `createSessions` gives them. */
  readonly sessions: Sessions<Data>;
  /** Makes the application with this router as its entry. It is a Hono application; a server takes its `app.fetch`. */
  readonly endpoint: (router: Router) => Hono;
}

/**
 * Configures an application, as `config :dynamo` does in Elixir. Its session helpers work on every `conn` below one of
 * its endpoints, as soon as that `conn` has fetched the session.
 * @throws ERR_SESSION_CONFIG if an option cannot work
 * @example
 * ```ts
 * import { Session, createDynamo, createRouter } from "sojourn/dynamo";
 *
 * const dynamo = createDynamo<{ user_id: string }>({
 *   sessionStore: Session.CookieStore,
 *   sessionOptions: { key: "__Host-session", secret: process.env["SESSION_SECRET"] },
 * });
 * const router = createRouter();
 * router.prepare((conn) => conn.fetch(["cookies", "params", "session"]));
 * router.get("/", (conn) => conn.send(200, dynamo.getSession(conn, "user_id") ?? "nobody"));
 * const app = dynamo.endpoint(router);
 * ```
 */
export function createDynamo<Data extends object = Record<string, unknown>>(
  config: Config<Data>,
): Dynamo<Data> {
  const sessions = createSessions<Data>(readConfig(config));
  return Object.freeze({
    ...sessions,
    sessions,
    endpoint: (router: Router): Hono => createEndpoint(sessions, router),
  });
}

function createEndpoint<Data extends object>(sessions: Sessions<Data>, router: Router): Hono {
  // Dynamo's routes ignore a slash at the end.
  const app = new Hono<ConnectionEnv>({ strict: false });
  app.use(session(sessions, { fetch: false }));
  app.use((c, next) => {
    c.set("conn", new HonoConnection(c, sessions));
    return next();
  });
  app.route("/", mountRouter(router));
  // The type hides the variables of this layer.
  return app as unknown as Hono;
}
