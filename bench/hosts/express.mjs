import { createServer } from "node:http";
import express from "express";
import { DATA, KEY, USER, addOne, counted, greet } from "../shared/answers.mjs";
import { createSessions, load } from "../shared/sojourn.mjs";

/**
 * @param {import("../shared/answers.mjs").Building<express.Express>} building
 * @returns {import("../shared/answers.mjs").Case}
 */
export function onExpress({ build, ...about }) {
  const create = () => {
    const app = express();
    build(app);
    app.get("/untouched", (_req, res) => res.send("untouched"));
    return createServer(app);
  };
  return { ...about, create };
}

/**
 * The routes without sessions: the same answers, for nothing.
 * @param {express.Express} app
 */
export function answer(app) {
  app.post("/login", (_req, res) => res.send("ok"));
  app.get("/read", (_req, res) => res.send(greet(USER)));
  app.get("/write", (_req, res) => res.send(counted(1)));
}

/** @type {typeof import("../../src/adapters/express.ts")} */
const { session } = await load("adapters/express");

/**
 * @param {express.Express} app
 * @param {import("../../src/index.ts").SessionStore} store
 */
export function useSojourn(app, store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  app.use(session(sessions));
  app.post("/login", (req, res) => {
    renewSession(req);
    for (const [key, value] of Object.entries(DATA)) putSession(req, key, value);
    res.send("ok");
  });
  app.get("/read", (req, res) => res.send(greet(getSession(req, "user_id"))));
  app.get("/write", (req, res) => {
    updateSession(req, "count", addOne);
    res.send(counted(getSession(req, "count")));
  });
}
