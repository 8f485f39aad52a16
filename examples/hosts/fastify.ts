import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { session } from "sojourn/fastify";
import { port, say, sessions } from "./sessions.ts";

const app = fastify();
await app.register(session, { sessions });
app.get("/", async (request) => {
  request.session.update("visits", (visits = 0) => visits + 1);
  return `visit ${request.session.get("visits")}`;
});
await app.listen({ port });
say("Fastify", (app.server.address() as AddressInfo).port);
