/** Koa 2, whose types are another package's. */
import Koa from "koa2";
import { cookieStore, createSessions } from "sojourn";
import type { Session } from "sojourn";
import { session } from "sojourn/koa";
import { exactly } from "../exactly.ts";

const sessions = createSessions<{ user_id: string }>({
  store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "_example_session",
});

new Koa().use(session(sessions)).use((ctx) => {
  exactly<typeof ctx.session, Session<{ user_id: string }>>(true);
  ctx.body = sessions.getSession(ctx, "user_id") ?? ctx.session.get("user_id");
  // @ts-expect-error: a response
  sessions.getSession(ctx.res, "user_id");
});
