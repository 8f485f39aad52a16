import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { afterAll } from "vitest";
import { createDynamo, createRouter } from "../../src/adapters/dynamo.ts";
import type { Config, Connection, Dynamo, Router } from "../../src/adapters/dynamo.ts";
import { SessionError } from "../../src/core/errors.ts";
import { Browser } from "./browser.ts";

interface Served {
  readonly fetch: (request: Request) => Response | Promise<Response>;
}

/** Serves applications on ports of their own until the test file is done. */
export function useServers(): (app: Served) => Promise<string> {
  const servers: Server[] = [];
  afterAll(() => Promise.all(servers.map((server) => once(server.close(), "close"))));
  return async (app) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: "localhost" }) as Server;
    servers.push(server);
    if (!server.listening) await once(server, "listening");
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  };
}

export type Data = Record<string, unknown>;

/** A router under test, its helpers, and browsers in front of it. */
export interface Running {
  readonly dynamo: Dynamo<Data>;
  readonly app: Hono;
  readonly browser: () => Browser;
  /** What routes have thrown, oldest first. */
  readonly errors: unknown[];
}

/** Serves the routes that `describe` adds, all of them below a hook that fetches everything. */
export function useDynamo(): (
  config: Config<Data>,
  describe: (router: Router, dynamo: Dynamo<Data>) => void,
) => Promise<Running> {
  const start = useServers();
  return async (config, describe) => {
    const dynamo = createDynamo<Data>(config);
    const router = createRouter();
    router.prepare((conn) => conn.fetch(["cookies", "params", "session"]));
    describe(router, dynamo);
    const app = dynamo.endpoint(router);
    const errors: unknown[] = [];
    app.onError((error, c) => {
      errors.push(error);
      return c.text(codeOf(error) ?? String(error), 500);
    });
    const url = await start(app);
    return { dynamo, app, errors, browser: () => new Browser(url) };
  };
}

/** The stable code of our error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof SessionError ? error.code : undefined;
}

/** The code that a set-up or a call throws. */
export function codeThrown(task: () => unknown): string | undefined {
  try {
    task();
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
  return undefined;
}

/** Routes that put, read and end, as most tests need them. */
export function basicRoutes(router: Router, dynamo: Dynamo<Data>): void {
  const { getSession, putSession, deleteSession, renewSession, dropSession } = dynamo;
  const done = (conn: Connection): Connection => conn.send(204);
  router.get("/", (conn) => conn.send(200, JSON.stringify(getSession(conn))));
  router.post("/put", (conn) => {
    for (const [key, value] of Object.entries(conn.params)) putSession(conn, key, value);
    return done(conn);
  });
  router.post("/delete/:key", (conn) => {
    deleteSession(conn, String(conn.params["key"]));
    return done(conn);
  });
  router.post("/renew", (conn) => {
    renewSession(conn);
    for (const [key, value] of Object.entries(conn.params)) putSession(conn, key, value);
    return done(conn);
  });
  router.post("/drop", (conn) => {
    dropSession(conn);
    return done(conn);
  });
}
