// The routes of a case with Sojourn, over any store.
import { USER, counted, greet } from "./hosts.mjs";
import { createSessions, expressSession, honoSession } from "./sojourn.mjs";

const KEY = "session";

/**
 * @param {import("express").Express} app
 * @param {import("../src/index.ts").SessionStore} store
 */
export function useOnExpress(app, store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  app.use(expressSession(sessions));
  app.post("/login", (req, res) => {
    renewSession(req);
    putSession(req, "user_id", USER);
    res.send("ok");
  });
  app.get("/read", (req, res) => res.send(greet(getSession(req, "user_id"))));
  app.get("/write", (req, res) => {
    updateSession(req, "count", addOne);
    res.send(counted(getSession(req, "count")));
  });
}

/**
 * @param {import("hono").Hono} app
 * @param {import("../src/index.ts").SessionStore} store
 */
export function useOnHono(app, store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  app.use(honoSession(sessions));
  app.post("/login", (c) => {
    renewSession(c);
    putSession(c, "user_id", USER);
    return c.text("ok");
  });
  app.get("/read", (c) => c.text(greet(getSession(c, "user_id"))));
  app.get("/write", (c) => {
    updateSession(c, "count", addOne);
    return c.text(counted(getSession(c, "count")));
  });
}

/** @param {unknown} count */
const addOne = (count) => Number(count ?? 0) + 1;
