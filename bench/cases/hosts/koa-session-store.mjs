import session from "koa-session";
import { onKoa, route } from "../../hosts/koa.mjs";
import { DATA, SECRET, counted, greet } from "../../shared/answers.mjs";

/** It brings no store for the memory; this is the least that its README asks of one. */
const sessions = new Map();
const store = {
  get: (/** @type {string} */ key) => sessions.get(key),
  set: (/** @type {string} */ key, /** @type {object} */ value) => void sessions.set(key, value),
  destroy: (/** @type {string} */ key) => void sessions.delete(key),
};

export const bench = onKoa({
  name: "koa-session, Map as store",
  role: "peer",
  keeps: "table",
  build(app) {
    app.keys = [SECRET];
    app.use(session({ store }, app));
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
