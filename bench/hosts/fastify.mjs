import fastify from "fastify";
import { DATA, KEY, USER, addOne, counted, greet } from "../shared/answers.mjs";
import { createSessions, load } from "../shared/sojourn.mjs";

/**
 * @param {import("../shared/answers.mjs").Building<fastify.FastifyInstance>} building
 * @returns {import("../shared/answers.mjs").Case}
 */
export function onFastify({ build, ...about }) {
  const create = async () => {
    const app = fastify();
    build(app);
    app.get("/untouched", (_request, reply) => reply.send("untouched"));
    await app.ready();
    return app.server;
  };
  return { ...about, create };
}

/**
 * The routes without sessions: the same answers, for nothing.
 * @param {fastify.FastifyInstance} app
 */
export function answer(app) {
  app.post("/login", (_request, reply) => reply.send("ok"));
  app.get("/read", (_request, reply) => reply.send(greet(USER)));
  app.get("/write", (_request, reply) => reply.send(counted(1)));
}

/** @type {typeof import("../../src/adapters/fastify.ts")} */
const { session } = await load("adapters/fastify");

/**
 * @param {fastify.FastifyInstance} app
 * @param {import("../../src/index.ts").SessionStore} store
 */
export function useSojourn(app, store) {
  const sessions = createSessions({ store, key: KEY });
  const { getSession, putSession, renewSession, updateSession } = sessions;
  app.register(session, { sessions });
  app.post("/login", (request, reply) => {
    renewSession(request);
    for (const [key, value] of Object.entries(DATA)) putSession(request, key, value);
    reply.send("ok");
  });
  app.get("/read", (request, reply) => reply.send(greet(getSession(request, "user_id"))));
  app.get("/write", (request, reply) => {
    updateSession(request, "count", addOne);
    reply.send(counted(getSession(request, "count")));
  });
}
