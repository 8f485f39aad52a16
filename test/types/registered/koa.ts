/** Koa with registered sessions: typed also where the middleware is not in the chain. */
import Koa from "koa";
import type { Context } from "koa";
import type { Session } from "sojourn";
import { session } from "sojourn/koa";
import { exactly } from "../exactly.ts";
import { admin, getSession, putSession, sessions } from "./sessions.ts";

const app = new Koa();
app.use(session(sessions));
app.use(session(admin, { as: "admin", fetch: false }));
// @ts-expect-error: no such option
session(sessions, { name: "session" });
app.use((ctx) => {
  exactly<typeof ctx.session, Session<{ user_id: string }>>(true);
  exactly<typeof ctx.admin, Session<{ level: number }>>(true);
  const user = ctx.session.get("user_id");
  exactly<typeof user, string | undefined>(true);
  putSession(ctx, "user_id", "s1");
  // @ts-expect-error: no such key
  ctx.session.get("user");
  // @ts-expect-error: what koa-session does; put is the word
  ctx.session.user_id = "s1";
  // @ts-expect-error: what koa-session does; drop is the word
  ctx.session = null;
  getSession(ctx.req, "user_id");
  // @ts-expect-error: a response
  getSession(ctx.res, "user_id");
  ctx.body = getSession(ctx, "user_id") ?? "nobody";
});

export function show(ctx: Context): void {
  ctx.body = ctx.session.get("user_id") ?? getSession(ctx, "user_id");
}
app.use(show);
