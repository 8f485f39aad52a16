/** The hosts that an application of CommonJS can load: what they hand to a handler is typed. */
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { SessionError } from "sojourn";
import { session as onFastify } from "sojourn/fastify";
import { session as onHono } from "sojourn/hono";
import { session as onKoa } from "sojourn/koa";
import { sessions } from "./app.js";

fastify()
  .register(onFastify, { sessions })
  .get("/", (request) => {
    const user: string | undefined = request.session.get("user_id");
    // @ts-expect-error: no such key
    request.session.get("user");
    return user;
  });
new Hono().use(onHono(sessions)).get("/", (c) => {
  const user: string | undefined = c.var.session.get("user_id");
  // @ts-expect-error: no such key
  c.var.session.get("user");
  return c.text(user ?? "nobody");
});
new Koa().use(onKoa(sessions)).use((ctx) => {
  const user: string | undefined = ctx.session.get("user_id");
  // @ts-expect-error: no such key
  ctx.session.get("user");
  ctx.body = user;
});

// A class is a value and a type.
export function codeOf(error: unknown): string {
  if (!(error instanceof SessionError)) return "none";
  const known: SessionError = error;
  return known.code;
}
