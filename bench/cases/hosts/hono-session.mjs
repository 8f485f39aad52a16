import { useSession } from "@hono/session";
import { onHono } from "../../hosts/hono.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

export const bench = onHono({
  name: "@hono/session (JWE)",
  role: "peer",
  keeps: "cookie",
  build(app) {
    app.use(useSession({ secret: SECRET, duration: { absolute: 30 * 24 * 60 * 60 } }));
    app.post("/login", async (c) => {
      await c.var.session.update(DATA);
      return c.text("ok");
    });
    app.get("/read", async (c) => {
      const data = await c.var.session.get();
      return c.text(greet(data?.user_id));
    });
    app.get("/write", async (c) => {
      const before = await c.var.session.get();
      const count = (before?.count ?? 0) + 1;
      await c.var.session.update({ ...before, count });
      return c.text(counted(count));
    });
  },
});
