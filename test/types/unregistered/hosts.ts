/** Hosts without the declaration: the helpers and `of` are typed all the same, and so is a chain. */
import express from "express";
import fastify from "fastify";
import { H3 } from "h3";
import { Hono } from "hono";
import Koa from "koa";
import { cookieStore, createSessions, type Session } from "sojourn";
import { session } from "sojourn/express";
import { session as fastifySession } from "sojourn/fastify";
import { session as h3Session } from "sojourn/h3";
import { session as honoSession } from "sojourn/hono";
import { session as koaSession } from "sojourn/koa";
import { exactly } from "../exactly.ts";

const sessions = createSessions<{ user_id: string }>({
  store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "_example_session",
});

express()
  .use(session(sessions))
  .get("/", (req, res) => {
    exactly<ReturnType<typeof sessions.of>, Session<{ user_id: string }>>(true);
    sessions.of(req).put("user_id", "s1");
    // @ts-expect-error: nothing was registered
    req.session;
    res.send(sessions.getSession(req, "user_id"));
  });

new Hono().use(honoSession(sessions)).get("/", (c) => {
  exactly<typeof c.var.session, Session<{ user_id: string }>>(true);
  return c.text(c.var.session.get("user_id") ?? "nobody");
});
new Hono()
  .use(honoSession(sessions))
  .use(honoSession(sessions, { as: "admin", fetch: false }))
  .get("/", (c) => {
    exactly<typeof c.var.admin, Session<{ user_id: string }>>(true);
    return c.text(c.var.session.get("user_id") ?? "nobody");
  });

const apart = new Hono();
apart.use(honoSession(sessions));
apart.get("/", (c) => {
  // @ts-expect-error: outside the chain Hono knows no variable that was not registered
  c.var.session.get("user_id");
  return c.text(sessions.getSession(c, "user_id") ?? "nobody");
});

new Koa()
  .use(koaSession(sessions))
  .use(koaSession(sessions, { as: "admin", fetch: false }))
  .use((ctx) => {
    exactly<typeof ctx.session, Session<{ user_id: string }>>(true);
    exactly<typeof ctx.admin, Session<{ user_id: string }>>(true);
    ctx.body = ctx.session.get("user_id");
  });

const app = fastify();
await app.register(fastifySession, { sessions });
app.get("/", async (request) => {
  // @ts-expect-error: nothing was registered
  request.session;
  return sessions.getSession(request, "user_id");
});

new H3().use(h3Session(sessions)).get("/", (event) => {
  // @ts-expect-error: nothing was registered: h3 knows it as anything
  event.context.session.get("user_id");
  return sessions.getSession(event, "user_id");
});
