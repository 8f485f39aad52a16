import cookie from "@fastify/cookie";
import session from "@fastify/session";
import { onFastify } from "../../hosts/fastify.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

export const bench = onFastify({
  name: "@fastify/session, memory",
  role: "peer",
  keeps: "table",
  build(app) {
    app.register(cookie);
    // Its defaults store a session for every visitor and send the cookie with every answer: here it does as the others.
    app.register(session, {
      secret: SECRET,
      cookie: { secure: false },
      saveUninitialized: false,
      rolling: false,
    });
    app.post("/login", (request, reply) => {
      Object.assign(request.session, DATA);
      reply.send("ok");
    });
    app.get("/read", (request, reply) => reply.send(greet(request.session.user_id)));
    app.get("/write", (request, reply) => {
      request.session.count = (request.session.count ?? 0) + 1;
      reply.send(counted(request.session.count));
    });
  },
});
