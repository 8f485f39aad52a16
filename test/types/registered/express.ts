/** Express 5 with registered sessions. */
import express from "express";
import type { Session } from "sojourn";
import { session } from "sojourn/express";
import { exactly } from "../exactly.ts";
import { admin, dropSession, getSession, putSession, renewSession, sessions } from "./sessions.ts";

const app = express();
app.use(session(sessions));
app.use(session(admin, { as: "admin" }));
app.use("/below", session(sessions, { fetch: false, onStoreError: "anonymous" }));
express.Router().use(session(sessions));
// @ts-expect-error: no such option
session(sessions, { name: "session" });
// @ts-expect-error: the sessions are missing
session();

app.post("/login", (req, res) => {
  renewSession(req);
  putSession(req, "user_id", "s23fa3aefvtwerg");
  req.session.put("user_id", "s23fa3aefvtwerg");
  res.redirect("/");
});
app.post("/logout", (req, res) => {
  dropSession(req);
  res.redirect("/");
});
app.get("/:page", (req, res) => {
  exactly<typeof req.session, Session<{ user_id: string }>>(true);
  exactly<typeof req.admin, Session<{ level: number }>>(true);
  const user = req.session.get("user_id");
  exactly<typeof user, string | undefined>(true);
  res.send(getSession(req, "user_id") ?? "nobody");
  // @ts-expect-error: no such key
  req.session.get("user");
  // @ts-expect-error: what express-session does; put is the word
  req.session.user_id = "s1";
  // @ts-expect-error: what cookie-session does; drop is the word
  req.session = null;
  // @ts-expect-error: a response
  getSession(res, "user_id");
  // @ts-expect-error: headers
  getSession(req.headers, "user_id");
});
app.use(
  (error: unknown, req: express.Request, res: express.Response, next: express.NextFunction) => {
    req.session.get("user_id");
    next(error);
  },
);
