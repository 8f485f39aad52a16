import { CookieStore } from "hono-sessions";
import { useHonoSessions } from "../hono-sessions-routes.mjs";
import { SECRET, onHono } from "../hosts.mjs";

export const bench = onHono({
  name: "hono-sessions, cookie",
  role: "peer",
  keeps: "cookie",
  build: (app) => useHonoSessions(app, { store: new CookieStore(), encryptionKey: SECRET }),
});
