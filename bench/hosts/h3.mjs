import { createServer } from "node:http";
import { H3, toNodeHandler } from "h3";
import { DATA, KEY, USER, addOne, counted, greet } from "../shared/answers.mjs";
import { createSessions, load } from "../shared/sojourn.mjs";

/**
 * @param {import("../shared/answers.mjs").Building<H3>} building
 * @returns {import("../shared/answers.mjs").Case}
 */
export function onH3({ build, ...about }) {
  const create = () => {
    const app = new H3();
    build(app);
    app.get("/untouched", () => "untouched");
    return createServer(toNodeHandler(app));
  };
  return { ...about, create };
}

/**
 * The routes without sessions: the same answers, for nothing.
 * @param {H3} app
 */
export function answer(app) {
  app.post("/login", () => "ok");
  app.get("/read", () => greet(USER));
  app.get("/write", () => counted(1));
}

/** @type {typeof import("../../src/adapters/h3.ts")} */
const { session } = await load("adapters/h3");

/**
 * @param {H3} app
 * @param {import("../../src/index.ts").SessionStore} store
 */
export function useSojourn(app, store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  app.use(session(sessions));
  app.post("/login", (event) => {
    renewSession(event);
    for (const [key, value] of Object.entries(DATA)) putSession(event, key, value);
    return "ok";
  });
  app.get("/read", (event) => greet(getSession(event, "user_id")));
  app.get("/write", (event) => {
    updateSession(event, "count", addOne);
    return counted(getSession(event, "count"));
  });
}
