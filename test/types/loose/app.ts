/** Without strict null checks the types still tell keys and values apart. */
import { cookieStore, createSessions } from "sojourn";

const sessions = createSessions<{ user_id: string }>({
  store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "_example_session",
});
sessions.putSession({ headers: {} }, "user_id", "s1");
const user: string = sessions.getSession({ headers: {} }, "user_id");
// @ts-expect-error: another type
sessions.putSession({ headers: {} }, "user_id", 1);
// @ts-expect-error: no such key
sessions.getSession({ headers: {} }, "user");
