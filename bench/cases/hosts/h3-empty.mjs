import { answer, onH3 } from "../../hosts/h3.mjs";

export const bench = onH3({
  name: "empty middleware",
  role: "empty",
  build(app) {
    app.use((_event, next) => next());
    answer(app);
  },
});
