import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { session } from "sojourn/node";
import { port, say, sessions } from "./sessions.ts";

const server = createServer(
  session(sessions, (req, res) => {
    sessions.updateSession(req, "visits", (visits = 0) => visits + 1);
    res.end(`visit ${sessions.getSession(req, "visits")}`);
  }),
);
server.listen(port, () => say("node:http", (server.address() as AddressInfo).port));
