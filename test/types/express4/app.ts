/** Express 4, whose types are another package's. */
import express from "express4";
import { cookieStore, createSessions, type Session } from "sojourn";
import { session } from "sojourn/express";
import { exactly } from "../exactly.ts";

const sessions = createSessions<{ user_id: string }>({
  store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "_example_session",
});
declare module "sojourn" {
  interface Register {
    session: typeof sessions;
  }
}

const app = express();
app.use(session(sessions));
app.get("/", (req, res) => {
  exactly<typeof req.session, Session<{ user_id: string }>>(true);
  res.send(sessions.getSession(req, "user_id") ?? req.session.get("user_id"));
  // @ts-expect-error: a response
  sessions.getSession(res, "user_id");
});
