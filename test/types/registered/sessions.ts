import { cookieStore, createSessions } from "sojourn";

const store = cookieStore({ secret: process.env["SESSION_SECRET"] });
export const sessions = createSessions<{ user_id: string }>({ store, key: "_example_session" });
export const admin = createSessions<{ level: number }>({ store, key: "_admin_session" });
export const { getSession, putSession, renewSession, dropSession } = sessions;

declare module "sojourn" {
  interface Register {
    session: typeof sessions;
    admin: typeof admin;
  }
}
