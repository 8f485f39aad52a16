/** A CommonJS file: `require("sojourn")` has types. */
import sojourn = require("sojourn");

const sessions: sojourn.Sessions<{ user_id: string }> = sojourn.createSessions<{ user_id: string }>(
  {
    store: sojourn.cookieStore({ secret: process.env["SESSION_SECRET"] }),
    key: "_example_session",
  },
);
const user: string | undefined = sessions.getSession({ headers: {} }, "user_id");
