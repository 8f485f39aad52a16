/** Every helper can be exported by a module whose declarations are emitted: no type of a signature is private. */
import { cookieStore, createSessions, SessionError, createTable, tableStore } from "sojourn";

export const store = cookieStore({ secret: process.env["SESSION_SECRET"] });
export const table = createTable();
export const tables = tableStore({ table });
export const sessions = createSessions<{ user_id: string; cart: string[] }>({
  store,
  key: "_example_session",
});
export const {
  getSession,
  putSession,
  deleteSession,
  updateSession,
  configureSession,
  renewSession,
  dropSession,
  fetchSession,
} = sessions;
export const sessionOf = sessions.of;
export const untyped = createSessions({ store, key: "_example_session" });
export const code = new SessionError("ERR_SESSION_USE", "an example").code;
export const read = (conn: Parameters<typeof getSession>[0]) => sessions.of(conn).get("cart");
export const whole = (conn: Parameters<typeof getSession>[0]) => sessions.of(conn);
export const options = {} as Parameters<typeof createSessions>[0];
