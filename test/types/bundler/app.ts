/** The same through a bundler's module resolution, which knows neither file extensions nor CommonJS. */
import { Hono } from "hono";
import { createSessions, createTable, tableStore } from "sojourn";
import { session } from "sojourn/hono";
import { exactly } from "../exactly";

const sessions = createSessions<{ user_id: string }>({
  store: tableStore({ table: createTable() }),
  key: "_example_session",
});
new Hono().use(session(sessions)).get("/", (c) => {
  const user = sessions.getSession(c, "user_id");
  exactly<typeof user, string | undefined>(true);
  // The browser's own Request and Response, not Node's.
  sessions.getSession(new Request("http://localhost"), "user_id");
  // @ts-expect-error: a response
  sessions.getSession(new Response(), "user_id");
  return c.text(user ?? "nobody");
});
