import { sessionMiddleware } from "hono-sessions";
import { DATA, counted, greet } from "../shared/answers.mjs";

/**
 * hono-sessions as its README sets it up, over one of its stores.
 * @param {import("hono").Hono} app
 * @param {object} store its options that differ by store
 */
export function useHonoSessions(app, store) {
  app.use(
    "*",
    sessionMiddleware({
      ...store,
      expireAfterSeconds: 900,
      autoExtendExpiration: true,
      cookieOptions: { sameSite: "Lax", path: "/", httpOnly: true },
    }),
  );
  app.post("/login", (c) => {
    for (const [key, value] of Object.entries(DATA)) c.get("session").set(key, value);
    return c.text("ok");
  });
  app.get("/read", (c) => c.text(greet(c.get("session").get("user_id"))));
  app.get("/write", (c) => {
    const session = c.get("session");
    session.set("count", (session.get("count") ?? 0) + 1);
    return c.text(counted(session.get("count")));
  });
}
