import { answer, onExpress } from "../../hosts/express.mjs";

export const bench = onExpress({
  name: "empty middleware",
  role: "empty",
  build(app) {
    app.use((_req, _res, next) => next());
    answer(app);
  },
});
