/** An Express application that still has express-session, or has just replaced it: both in one program. */
import express from "express";
import { cookieStore, createSessions, type Session } from "sojourn";
import { session } from "sojourn/express";
import { exactly } from "../exactly.ts";

// What @types/express-session declares, in short.
interface OtherSession {
  user_id?: string;
  destroy(done: (error: unknown) => void): void;
}
declare global {
  namespace Express {
    interface Request {
      session: OtherSession;
    }
  }
}

const sessions = createSessions<{ user_id: string }>({
  store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "_example_session",
});
declare module "sojourn" {
  interface Register {
    sojourn: typeof sessions;
  }
}

const app = express();
app.use(session(sessions, { as: "sojourn" }));
app.get("/", (req, res) => {
  exactly<typeof req.session, OtherSession>(true);
  exactly<typeof req.sojourn, Session<{ user_id: string }>>(true);
  res.send(sessions.getSession(req, "user_id"));
});
