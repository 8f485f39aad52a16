import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { session } from "sojourn/hono";
import { port, say, sessions } from "./sessions.ts";

const app = new Hono().use(session(sessions)).get("/", (c) => {
  c.var.session.update("visits", (visits = 0) => visits + 1);
  return c.text(`visit ${c.var.session.get("visits")}`);
});
serve({ fetch: app.fetch, port }, (address) => say("Hono", address.port));
