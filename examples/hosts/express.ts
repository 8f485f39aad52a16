import type { AddressInfo } from "node:net";
import express from "express";
import { session } from "sojourn/express";
import { port, say, sessions } from "./sessions.ts";

const app = express();
app.use(session(sessions));
app.get("/", (req, res) => {
  req.session.update("visits", (visits = 0) => visits + 1);
  res.send(`visit ${req.session.get("visits")}`);
});
const server = app.listen(port, () => say("Express", (server.address() as AddressInfo).port));
