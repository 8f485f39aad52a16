import { answerOnExpress, onExpress } from "../hosts.mjs";

export const bench = onExpress({
  name: "empty middleware",
  role: "empty",
  build(app) {
    app.use((_req, _res, next) => next());
    answerOnExpress(app);
  },
});
