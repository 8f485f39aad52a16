import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { session } from "sojourn/node";
import { WebSocketServer } from "ws";
import { port, say, sessions } from "./sessions.ts";

/** A page that counts visits, and a socket that knows how many there were when it was opened. */
const server = createServer(
  session(sessions, (req, res) => {
    sessions.updateSession(req, "visits", (visits = 0) => visits + 1);
    res.setHeader("Content-Type", "text/html");
    res.end(`visit ${sessions.getSession(req, "visits")}
      <script>new WebSocket("ws://" + location.host).onmessage = (e) => document.body.append(e.data)</script>`);
  }),
);
const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (req, socket, head) => {
  const refuse = (status: string): void => void socket.end(`HTTP/1.1 ${status}\r\n\r\n`);
  // A page of another origin may open sockets as well, and a neighbour's brings our cookie.
  const { origin, host } = req.headers;
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) {
    refuse("403 Forbidden");
    return;
  }
  sessions.read(req.headers).then(
    (found) => {
      const visits = found.get("visits");
      if (visits === undefined) return refuse("401 Unauthorized");
      return sockets.handleUpgrade(req, socket, head, (ws) => ws.send(`, ${visits} on the socket`));
    },
    () => refuse("503 Service Unavailable"),
  );
});
server.listen(port, () => say("WebSocket", (server.address() as AddressInfo).port));
