import { randomBytes } from "node:crypto";
import secureSession from "@fastify/secure-session";
import { onFastify } from "../../hosts/fastify.mjs";
import { DATA, counted, greet } from "../../shared/answers.mjs";

export const bench = onFastify({
  name: "@fastify/secure-session (libsodium)",
  role: "peer",
  keeps: "cookie",
  build(app) {
    app.register(secureSession, { key: randomBytes(32), cookie: { path: "/" } });
    app.post("/login", (request, reply) => {
      for (const [key, value] of Object.entries(DATA)) request.session.set(key, value);
      reply.send("ok");
    });
    app.get("/read", (request, reply) => reply.send(greet(request.session.get("user_id"))));
    app.get("/write", (request, reply) => {
      const count = (request.session.get("count") ?? 0) + 1;
      request.session.set("count", count);
      reply.send(counted(count));
    });
  },
});
