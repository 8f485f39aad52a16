/** Connections that stay open, and that read and write the session of the request that opened them. */
import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { Request } from "express";
import type { Session, SessionData } from "express-session";
import expressWs from "express-ws";
import express from "express";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { WebSocket } from "ws";
import type { Library } from "../library.ts";
import { serve } from "./application.ts";

type Held = Session & Partial<SessionData>;

/** `reload` and `save`, which answer by callbacks. */
function reload(session: Held): Promise<Held> {
  return new Promise((resolve, reject) => {
    session.reload((error) => (error ? reject(error as Error) : resolve(session.req.session)));
  });
}

function save(session: Held): Promise<void> {
  return new Promise((resolve, reject) => {
    session.save((error) => (error ? reject(error as Error) : resolve()));
  });
}

declare module "express-session" {
  interface Session {
    readonly req: Request;
  }
}

export const sockets: readonly Library[] = ["websocket", "polling"].map((transport): Library => ({
  name: "socket.io",
  used: `\`reload\` and \`save\` in a connection over ${transport}`,
  sees: [/answer 2/, /200 3/, /answer 4/, /200 5/],
  program({ session, closes }) {
    const middleware = session();
    const server = serve([middleware], (app) => {
      app.get("/", (req, res) => {
        req.session.seen = (req.session.seen ?? 0) + 1;
        res.json(req.session.seen);
      });
    });
    const io = new Server(server);
    closes(() => io.close());
    io.engine.use(middleware);
    io.on("connection", (socket) => {
      const { request } = socket as unknown as { request: Request };
      socket.on("add", (answer: (seen: unknown) => void) => {
        void (async () => {
          const current = await reload(request.session);
          current.seen = (current.seen ?? 0) + 1;
          await save(current);
          return current.seen;
        })().then(answer, (error: unknown) => answer(String(error)));
      });
    });
    return {
      server,
      async drive({ browser, origin, note }) {
        const ada = browser();
        await ada.get("/");
        const options = { transports: [transport], extraHeaders: { cookie: await ada.cookies() } };
        const socket = connect(origin, { ...options, forceNew: true, reconnection: false });
        closes(() => socket.close());
        await once(socket as unknown as HttpServer, "connect");
        note(`answer ${await socket.emitWithAck("add")}`);
        // Between the two a request writes, which the socket sees after its reload.
        await ada.get("/");
        note(`answer ${await socket.emitWithAck("add")}`);
        await ada.get("/");
      },
    };
  },
}));

export const webSocket: Library = {
  name: "express-ws",
  used: "the session of the request that opened the socket",
  sees: [/message 1: hello/, /message 2: hello/],
  program({ session }) {
    const app = express();
    const server = serve([], (outer) => void outer.use(app));
    const { app: withWs } = expressWs(app, server);
    app.use(session());
    app.get("/", (req, res) => {
      req.session.seen = (req.session.seen ?? 0) + 1;
      res.json(req.session.seen);
    });
    withWs.ws("/chat", (socket, req) => {
      socket.on("message", (text: Buffer) =>
        socket.send(`${req.session.seen}: ${text.toString()}`),
      );
    });
    return {
      server,
      async drive({ browser, origin, note }) {
        const ada = browser();
        for (let time = 0; time < 2; time++) {
          await ada.get("/");
          const headers = { cookie: await ada.cookies() };
          const socket = new WebSocket(`${origin.replace("http", "ws")}/chat`, { headers });
          await once(socket, "open");
          socket.send("hello");
          const [message] = (await once(socket, "message")) as [Buffer];
          note(`message ${message.toString()}`);
          socket.close();
          await once(socket, "close");
        }
      },
    };
  },
};
