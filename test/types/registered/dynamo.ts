/** The guide as it stands. */
import { createDynamo, createRouter, createTable, Session, type Connection } from "sojourn/dynamo";
import type { Hono } from "hono";
import { exactly } from "../exactly.ts";

const dynamo = createDynamo<{ user_id: string }>({
  sessionStore: Session.CookieStore,
  sessionOptions: { key: "_example_session", secret: process.env["SESSION_SECRET"] },
});
createTable("dynamo_sessions");
createDynamo({
  sessionStore: Session.ETSStore,
  sessionOptions: { table: "dynamo_sessions", key: "_example_session" },
});
createDynamo({
  // @ts-expect-error: no store of that name
  sessionStore: "RedisStore",
  sessionOptions: { key: "_example_session" },
});
// @ts-expect-error: this store is nothing without a table
createDynamo({
  sessionStore: Session.ETSStore,
  sessionOptions: { key: "_example_session" },
});

const { getSession, putSession, deleteSession, configureSession } = dynamo;
const router = createRouter();
router.prepare((conn) => conn.fetch(["cookies", "params", "session"]));
router.get("/", (conn) => {
  exactly<typeof conn, Connection>(true);
  putSession(conn, "user_id", "s23fa3aefvtwerg");
  const user = getSession(conn, "user_id");
  exactly<typeof user, string | undefined>(true);
  deleteSession(conn, "user_id");
  configureSession(conn, "path", "/");
  configureSession(conn, "secure", true);
  // @ts-expect-error: no such key
  getSession(conn, "user");
  // @ts-expect-error: the wrapped request is only a part of the connection
  getSession(conn.req, "user_id");
  return conn.send(200, user ?? "nobody");
});
router.prepare((conn) =>
  // @ts-expect-error: nothing of that name can be fetched
  conn.fetch(["sessions"]),
);
const app = dynamo.endpoint(router);
exactly<typeof app, Hono>(true);
