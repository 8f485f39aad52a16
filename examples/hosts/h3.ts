import { H3, serve } from "h3";
import { session } from "sojourn/h3";
import { port, say, sessions } from "./sessions.ts";

const app = new H3().use(session(sessions)).get("/", ({ context }) => {
  context.session.update("visits", (visits = 0) => visits + 1);
  return `visit ${context.session.get("visits")}`;
});
const server = await serve(app, { port, silent: true }).ready();
say("h3", Number(new URL(server.url ?? "").port));
