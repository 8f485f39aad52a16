/** What the hosts' modules give can be exported as well. */
import express from "express";
import { Hono } from "hono";
import { session as expressSession } from "sojourn/express";
import { session as honoSession } from "sojourn/hono";
import { session as nodeSession } from "sojourn/node";
import { sessions } from "./sessions.ts";

export const filter = expressSession(sessions);
export const app: express.Express = express().use(filter);
export const middleware = honoSession(sessions);
export const admin = honoSession(sessions, { as: "admin" });
export const hono = new Hono()
  .use(middleware)
  .get("/", (c) => c.json({ cart: c.var.session.get("cart") ?? [] }));
export const listener = nodeSession(sessions, (_req, res) => {
  res.end();
});
