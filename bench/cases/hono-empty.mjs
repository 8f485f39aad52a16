import { answerOnHono, onHono } from "../hosts.mjs";

export const bench = onHono({
  name: "empty middleware",
  role: "empty",
  build(app) {
    app.use(async (_c, next) => {
      await next();
    });
    answerOnHono(app);
  },
});
