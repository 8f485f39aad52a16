import type { AddressInfo } from "node:net";
import Koa from "koa";
import { session } from "sojourn/koa";
import { port, say, sessions } from "./sessions.ts";

const app = new Koa();
app.use(session(sessions));
app.use((ctx) => {
  ctx.session.update("visits", (visits = 0) => visits + 1);
  ctx.body = `visit ${ctx.session.get("visits")}`;
});
const server = app.listen(port, () => say("Koa", (server.address() as AddressInfo).port));
