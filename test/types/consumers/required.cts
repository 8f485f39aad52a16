/** A file of CommonJS: `require` has the types of a module's named exports. */
import redis = require("sojourn/redis");
import sojourn = require("sojourn");
import hosts = require("sojourn/express");

export const sessions: sojourn.Sessions<{ user_id: string }> = sojourn.createSessions<{
  user_id: string;
}>({
  store: sojourn.cookieStore({ secret: process.env["SESSION_SECRET"] }),
  key: "__Host-session",
});
export const user: string | undefined = sessions.getSession({ headers: {} }, "user_id");
export const middleware: ReturnType<typeof hosts.session> = hosts.session(sessions);
export const options: redis.RedisTableOptions = { prefix: "app:" };
// @ts-expect-error: there is no default export
export const nothing = sojourn.default;
// @ts-expect-error: no such key
sessions.getSession({ headers: {} }, "user");
