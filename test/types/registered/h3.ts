/** h3 2 with registered sessions. */
import { H3, defineHandler } from "h3";
import type { H3Event } from "h3";
import type { Session } from "sojourn";
import { session } from "sojourn/h3";
import { exactly } from "../exactly.ts";
import { admin, getSession, putSession, sessions } from "./sessions.ts";

const app = new H3();
app.use(session(sessions));
app.use("/admin/**", session(admin, { as: "admin", fetch: false }));
app.use(
  session(sessions, {
    onError(error, event: H3Event) {
      exactly<typeof error, unknown>(true);
      event.runtime?.node?.res?.end();
    },
  }),
);
// @ts-expect-error: no such option
session(sessions, { name: "session" });
app.get("/", (event) => {
  const { context } = event;
  exactly<typeof context.session, Session<{ user_id: string }>>(true);
  exactly<typeof context.admin, Session<{ level: number }>>(true);
  const user = context.session.get("user_id");
  exactly<typeof user, string | undefined>(true);
  putSession(event, "user_id", "s1");
  // @ts-expect-error: no such key
  context.session.get("user");
  // @ts-expect-error: what other sessions do; drop is the word
  context.session = null;
  getSession(event.req, "user_id");
  return getSession(event, "user_id") ?? "nobody";
});
app.get(
  "/shown",
  defineHandler((event) => event.context.session.get("user_id")),
);
