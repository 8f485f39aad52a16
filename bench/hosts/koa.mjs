import { createServer } from "node:http";
import Koa from "koa";
import { DATA, KEY, USER, addOne, counted, greet } from "../shared/answers.mjs";
import { createSessions, load } from "../shared/sojourn.mjs";

/**
 * @param {import("../shared/answers.mjs").Building<Koa>} building
 * @returns {import("../shared/answers.mjs").Case}
 */
export function onKoa({ build, ...about }) {
  const create = () => {
    const app = new Koa();
    build(app);
    return createServer(app.callback());
  };
  return { ...about, create };
}

/**
 * Koa has no router: the last middleware chooses by path.
 * @param {Koa} app
 * @param {Record<"login" | "read" | "write", (ctx: any) => void>} handlers
 */
export function route(app, { login, read, write }) {
  app.use((ctx) => {
    switch (ctx.path) {
      case "/login":
        return login(ctx);
      case "/read":
        return read(ctx);
      case "/write":
        return write(ctx);
      case "/untouched":
        ctx.body = "untouched";
    }
  });
}

/**
 * The routes without sessions: the same answers, for nothing.
 * @param {Koa} app
 */
export function answer(app) {
  route(app, {
    login: (ctx) => void (ctx.body = "ok"),
    read: (ctx) => void (ctx.body = greet(USER)),
    write: (ctx) => void (ctx.body = counted(1)),
  });
}

/** @type {typeof import("../../src/adapters/koa.ts")} */
const { session } = await load("adapters/koa");

/**
 * @param {Koa} app
 * @param {import("../../src/index.ts").SessionStore} store
 */
export function useSojourn(app, store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  app.use(session(sessions));
  route(app, {
    login(ctx) {
      renewSession(ctx);
      for (const [key, value] of Object.entries(DATA)) putSession(ctx, key, value);
      ctx.body = "ok";
    },
    read(ctx) {
      ctx.body = greet(getSession(ctx, "user_id"));
    },
    write(ctx) {
      updateSession(ctx, "count", addOne);
      ctx.body = counted(getSession(ctx, "count"));
    },
  });
}
