/** h3 1, whose types are another package's. */
import { createApp, createRouter, eventHandler } from "h3-1";
import type { H3Event } from "h3-1";
import { cookieStore, createSessions } from "sojourn";
import { session } from "sojourn/h3";

const sessions = createSessions<{ user_id: string }>({
  store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "_example_session",
});

const app = createApp();
app.use(session(sessions));
app.use("/below", session(sessions, { fetch: false }));
app.use(
  session<H3Event>(sessions, {
    onError(_error, event) {
      event.node.res.statusCode = 500;
      event.node.res.end();
    },
  }),
);
app.use(
  createRouter().get(
    "/",
    eventHandler((event) => {
      sessions.putSession(event, "user_id", "s1");
      return (
        sessions.getSession(event, "user_id") ?? sessions.getSession(event.node.req, "user_id")
      );
    }),
  ),
);
