/** The spelling for `isolatedDeclarations`, which refuses an exported destructuring. */
import { cookieStore, createSessions, type Sessions } from "sojourn";

interface Data {
  user_id: string;
}
export const sessions: Sessions<Data> = createSessions({
  store: cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "_example_session",
});
export const getSession: Sessions<Data>["getSession"] = sessions.getSession;
