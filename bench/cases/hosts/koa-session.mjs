import session from "koa-session";
import { onKoa, route } from "../../hosts/koa.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

// Signs and does not encrypt.
export const bench = onKoa({
  name: "koa-session (signed only)",
  role: "peer",
  keeps: "cookie",
  build(app) {
    app.keys = [SECRET];
    app.use(session(app));
    route(app, {
      login(ctx) {
        Object.assign(ctx.session, DATA);
        ctx.body = "ok";
      },
      read(ctx) {
        ctx.body = greet(ctx.session.user_id);
      },
      write(ctx) {
        ctx.session.count = (ctx.session.count ?? 0) + 1;
        ctx.body = counted(ctx.session.count);
      },
    });
  },
});
