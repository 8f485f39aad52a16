/** Hono with registered sessions: typed also where the middleware is not in the chain. */
import { Hono, type Context } from "hono";
import type { Session } from "sojourn";
import { session } from "sojourn/hono";
import { exactly } from "../exactly.ts";
import { admin, getSession, putSession, sessions } from "./sessions.ts";

const app = new Hono();
app.use(session(sessions));
app.use("*", session(admin, { as: "admin" }));
app.get("/", (c) => {
  exactly<typeof c.var.session, Session<{ user_id: string }>>(true);
  exactly<typeof c.var.admin, Session<{ level: number }>>(true);
  const user = c.get("session").get("user_id");
  exactly<typeof user, string | undefined>(true);
  putSession(c, "user_id", "s1");
  // @ts-expect-error: the wrapped request is only a part of the context
  getSession(c.req, "user_id");
  // @ts-expect-error: a response
  getSession(c.res, "user_id");
  getSession(c.req.raw, "user_id");
  return c.text(getSession(c, "user_id") ?? "nobody");
});

function show(c: Context): Response {
  return c.text(c.var.session.get("user_id") ?? getSession(c, "user_id") ?? "nobody");
}
app.get("/shown", show);

// Chained and registered at once are one and the same.
new Hono().use(session(sessions)).get("/", (c) => {
  const user = c.var.session.get("user_id");
  exactly<typeof user, string | undefined>(true);
  return c.text(user ?? "nobody");
});
