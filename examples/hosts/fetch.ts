import { session } from "sojourn/fetch";
import { serve } from "srvx";
import { port, say, sessions } from "./sessions.ts";

/** What Bun.serve, Deno.serve and workerd take as well. */
const fetch = session(sessions, (request: Request) => {
  sessions.updateSession(request, "visits", (visits = 0) => visits + 1);
  return new Response(`visit ${sessions.getSession(request, "visits")}`);
});
const server = await serve({ fetch, port, silent: true }).ready();
say("srvx", Number(new URL(server.url ?? "").port));
