/** What the hosts' modules give can be exported as well. */
import express from "express";
import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { H3 } from "h3";
import { Hono } from "hono";
import Koa from "koa";
import { session as expressSession } from "sojourn/express";
import { session as fastifySession } from "sojourn/fastify";
import { session as fetchSession } from "sojourn/fetch";
import { session as h3Session } from "sojourn/h3";
import { session as honoSession } from "sojourn/hono";
import { session as koaSession } from "sojourn/koa";
import { session as nodeSession } from "sojourn/node";
import { passportSession } from "sojourn/passport";
import { cookieFor, testClient, testClock } from "sojourn/testing";
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
export const plugin = fastifySession;
export const instance: FastifyInstance = fastify();
void instance.register(fastifySession, { sessions });
export const koaFilter = koaSession(sessions);
export const koa = new Koa().use(koaFilter).use(koaSession(sessions, { as: "admin" }));
export const h3Filter = h3Session(sessions);
export const h3: H3 = new H3().use(h3Filter);
export const handler = fetchSession(sessions, () => new Response("ok"));
export const bag = passportSession(sessions);
export const clock = testClock();
export const client = testClient(sessions, app);
export const signedIn = client.as({ user_id: "u1" });
export const cookie = cookieFor(sessions, { cart: [] });
