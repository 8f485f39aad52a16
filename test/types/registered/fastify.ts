/** Fastify 5 with registered sessions. */
import fastify from "fastify";
import type { FastifyRequest } from "fastify";
import type { Session } from "sojourn";
import { session } from "sojourn/fastify";
import { exactly } from "../exactly.ts";
import { admin, dropSession, getSession, putSession, renewSession, sessions } from "./sessions.ts";

const app = fastify();
await app.register(session, { sessions });
await app.register(session, { sessions: admin, as: "admin", fetch: false });
await app.register(session, { sessions, onStoreError: "anonymous", prefix: "/below" });
// @ts-expect-error: no such option
app.register(session, { sessions, name: "session" });
// @ts-expect-error: the sessions are missing
app.register(session, { as: "session" });

app.post("/login", async (request, reply) => {
  renewSession(request);
  putSession(request, "user_id", "s23fa3aefvtwerg");
  request.session.put("user_id", "s23fa3aefvtwerg");
  return reply.redirect("/");
});
app.post("/logout", async (request) => {
  dropSession(request);
});
app.get("/:page", async (request, reply) => {
  exactly<typeof request.session, Session<{ user_id: string }>>(true);
  exactly<typeof request.admin, Session<{ level: number }>>(true);
  const user = request.session.get("user_id");
  exactly<typeof user, string | undefined>(true);
  // @ts-expect-error: no such key
  request.session.get("user");
  // @ts-expect-error: what other sessions do; put is the word
  request.session.user_id = "s1";
  // @ts-expect-error: what other sessions do; drop is the word
  request.session = null;
  // @ts-expect-error: a reply
  getSession(reply, "user_id");
  getSession(request.raw, "user_id");
  return getSession(request, "user_id") ?? "nobody";
});
app.addHook("preHandler", async (request: FastifyRequest) => {
  request.session.get("user_id");
});
fastify({ http2: true }).get("/", async (request) => getSession(request, "user_id"));
