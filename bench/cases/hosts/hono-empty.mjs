import { answer, onHono } from "../../hosts/hono.mjs";

export const bench = onHono({
  name: "empty middleware",
  role: "empty",
  build(app) {
    app.use((_c, next) => next());
    answer(app);
  },
});
