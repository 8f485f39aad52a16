import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { DATA, KEY, USER, addOne, counted, greet } from "../shared/answers.mjs";
import { createSessions, load } from "../shared/sojourn.mjs";

/**
 * @param {import("../shared/answers.mjs").Building<Hono>} building
 * @returns {import("../shared/answers.mjs").Case}
 */
export function onHono({ build, ...about }) {
  const create = () => {
    const app = new Hono();
    build(app);
    app.get("/untouched", (c) => c.text("untouched"));
    return createAdaptorServer({ fetch: app.fetch });
  };
  return { ...about, create };
}

/**
 * The routes without sessions: the same answers, for nothing.
 * @param {Hono} app
 */
export function answer(app) {
  app.post("/login", (c) => c.text("ok"));
  app.get("/read", (c) => c.text(greet(USER)));
  app.get("/write", (c) => c.text(counted(1)));
}

/** @type {typeof import("../../src/adapters/hono.ts")} */
const { session } = await load("adapters/hono");

/**
 * @param {Hono} app
 * @param {import("../../src/index.ts").SessionStore} store
 */
export function useSojourn(app, store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  app.use(session(sessions));
  app.post("/login", (c) => {
    renewSession(c);
    for (const [key, value] of Object.entries(DATA)) putSession(c, key, value);
    return c.text("ok");
  });
  app.get("/read", (c) => c.text(greet(getSession(c, "user_id"))));
  app.get("/write", (c) => {
    updateSession(c, "count", addOne);
    return c.text(counted(getSession(c, "count")));
  });
}
