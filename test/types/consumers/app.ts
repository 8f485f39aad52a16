/** An application as it is written for every "module" setting. What it becomes, is the setting's business. */
import { randomBytes } from "node:crypto";
import express from "express";
import type { Redis } from "ioredis";
import { cookieStore, createSessions, tableStore } from "sojourn";
import { session } from "sojourn/express";
import { redisTable } from "sojourn/redis";

export const sessions = createSessions<{ user_id: string }>({
  store: cookieStore({ secret: randomBytes(32).toString("base64url") }),
  key: "__Host-session",
  subject: "user_id",
});
export const inRedis = (client: Redis) =>
  createSessions<{ level: number }>({
    store: tableStore({ table: redisTable(client) }),
    key: "_admin_session",
  });

declare module "sojourn" {
  interface Register {
    session: typeof sessions;
  }
}

export const app = express();
app.use(session(sessions));
app.get("/", (req, res) => {
  req.session.put("user_id", "s23fa3aefvtwerg");
  const user: string | undefined = sessions.getSession(req, "user_id");
  res.send(user);
});
app.get("/wrong", (req) => {
  // @ts-expect-error: no such key
  req.session.get("user");
  // @ts-expect-error: a string
  req.session.put("user_id", 1);
  // @ts-expect-error: an address is no client
  redisTable("redis://localhost");
  // @ts-expect-error: no such option
  cookieStore({ secrets: [] });
});
