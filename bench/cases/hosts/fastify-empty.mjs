import { answer, onFastify } from "../../hosts/fastify.mjs";

export const bench = onFastify({
  name: "empty middleware",
  role: "empty",
  build(app) {
    app.addHook("onRequest", (_request, _reply, next) => next());
    answer(app);
  },
});
