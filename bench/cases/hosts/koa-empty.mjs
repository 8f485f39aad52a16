import { answer, onKoa } from "../../hosts/koa.mjs";

export const bench = onKoa({
  name: "empty middleware",
  role: "empty",
  build(app) {
    app.use((_c, next) => next());
    answer(app);
  },
});
