import { CookieStore } from "hono-sessions";
import { useHonoSessions } from "../../hosts/hono-sessions.mjs";
import { onHono } from "../../hosts/hono.mjs";
import { SECRET } from "../../shared/answers.mjs";

export const bench = onHono({
  name: "hono-sessions, cookie",
  role: "peer",
  keeps: "cookie",
  build: (app) => useHonoSessions(app, { store: new CookieStore(), encryptionKey: SECRET }),
});
