import { Hono } from "hono";
import { configError, usageError } from "../../core/errors.ts";
import type { Connection, ConnectionEnv } from "./connection.ts";

/** A function that runs before the routes. If it answers, such as by `conn.redirect("/")`, no route runs. */
export type Hook = (conn: Connection) => unknown;

/** A function that answers a request, and gives the connection back, as in Dynamo. */
export type Route = (conn: Connection) => Connection | Promise<Connection>;

/** Routes, and hooks that run before them. Paths are Hono's: `/users/:id`, `/files/*`. */
export interface Router {
  /** Adds a hook that runs before every route of this router, wherever it is added. */
  prepare(hook: Hook): Router;
  get(path: string, route: Route): Router;
  post(path: string, route: Route): Router;
  put(path: string, route: Route): Router;
  patch(path: string, route: Route): Router;
  delete(path: string, route: Route): Router;
  options(path: string, route: Route): Router;
  /** Adds a route for every method. */
  match(path: string, route: Route): Router;
  /** Hands everything below `prefix` to another router; its own hooks run after this router's. */
  forward(prefix: string, router: Router): Router;
}

/**
 * Makes a router, for an application's endpoint or for `forward` of another router.
 * @example
 * ```ts
 * import { createRouter } from "sojourn/dynamo";
 *
 * const router = createRouter();
 * router.prepare((conn) => conn.fetch(["cookies", "params", "session"]));
 * router.get("/", (conn) => conn.send(200, "hello"));
 * ```
 */
export function createRouter(): Router {
  return new HonoRouter();
}

/** The Hono application that a router describes. @throws ERR_SESSION_CONFIG for anything else */
export function mountRouter(router: Router): Hono<ConnectionEnv> {
  if (router instanceof HonoRouter) return router.mount();
  throw configError("endpoint and forward take what createRouter gives");
}

/** Collects hooks and routes, because all hooks run before the routes, even if they were added later. */
class HonoRouter implements Router {
  readonly #hooks: Hook[] = [];
  readonly #routes: ((app: Hono<ConnectionEnv>) => void)[] = [];

  prepare(hook: Hook): this {
    this.#hooks.push(hook);
    return this;
  }

  get(path: string, route: Route): this {
    return this.#on("GET", path, route);
  }

  post(path: string, route: Route): this {
    return this.#on("POST", path, route);
  }

  put(path: string, route: Route): this {
    return this.#on("PUT", path, route);
  }

  patch(path: string, route: Route): this {
    return this.#on("PATCH", path, route);
  }

  delete(path: string, route: Route): this {
    return this.#on("DELETE", path, route);
  }

  options(path: string, route: Route): this {
    return this.#on("OPTIONS", path, route);
  }

  match(path: string, route: Route): this {
    return this.#on("ALL", path, route);
  }

  forward(prefix: string, router: Router): this {
    this.#routes.push((app) => app.route(prefix, mountRouter(router)));
    return this;
  }

  mount(): Hono<ConnectionEnv> {
    const app = new Hono<ConnectionEnv>();
    if (this.#hooks.length > 0) {
      app.use(async (c, next) => {
        const conn = c.get("conn");
        for (const hook of this.#hooks) {
          await hook(conn);
          const answer = conn.response();
          if (answer) return answer;
        }
        return next();
      });
    }
    for (const add of this.#routes) add(app);
    return app;
  }

  #on(method: string, path: string, route: Route): this {
    this.#routes.push((app) =>
      app.on(method, path, async (c) => {
        const conn = c.get("conn");
        await route(conn);
        const answer = conn.response();
        if (answer) return answer;
        throw usageError(
          `the route ${method} ${path} did not answer; return conn.send(...) or conn.redirect(...)`,
        );
      }),
    );
    return this;
  }
}
