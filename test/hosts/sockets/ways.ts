/** The ways in which real libraries hand an upgrade to middleware, each with a real server and a real client. */
import * as http from "node:http";
import type { Server, ServerResponse } from "node:http";
import fastifyWebsocket from "@fastify/websocket";
import express from "express";
import expressWs from "express-ws";
import fastify from "fastify";
import { Server as SocketServer } from "socket.io";
import { io } from "socket.io-client";
import { WebSocket, WebSocketServer } from "ws";
import { session as expressSession } from "../../../src/adapters/express.ts";
import { session as fastifySession } from "../../../src/adapters/fastify.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import type { Data } from "../../contracts/hosts/world.ts";

/** What an application does with the request of a socket. Its text is sent to the client. */
export type OnSocket = (conn: Conn) => Promise<string>;

/** An application whose pages sign in, and one way to open a socket. */
export interface Way {
  readonly name: string;
  readonly serve: (sessions: Sessions<Data>, onSocket: OnSocket) => Promise<Served>;
  /** What the application sends over a new socket, or the error that closes it. */
  readonly open: (port: number, headers: Readonly<Record<string, string>>) => Promise<string>;
}

export interface Served {
  readonly server: Server;
  /** Closes its sockets. */
  readonly stop: () => void;
}

interface Pages {
  readonly app: express.Express;
  readonly middleware: ReturnType<typeof expressSession>;
}

/** The middleware, and an Express application with the pages of all ways. */
function pages(sessions: Sessions<Data>): Pages {
  const middleware = expressSession(sessions);
  const app = express();
  app.use(middleware);
  addRoutes(app, sessions);
  return { app, middleware };
}

function addRoutes(app: express.Express, sessions: Sessions<Data>): void {
  app.get("/put", (req, res) => {
    sessions.putSession(req, "user", "ada");
    res.send();
  });
  app.get("/", (req, res) => void res.json(sessions.getSession(req)));
}

async function openWs(port: number, headers: Readonly<Record<string, string>>): Promise<string> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers });
  try {
    return await new Promise((done) => {
      ws.on("message", (data: Buffer) => done(data.toString()));
      ws.on("error", (error) => done(error.message));
      ws.on("close", () => done("closed"));
    });
  } finally {
    ws.terminate();
  }
}

/** A fake response and a real upgrade, as the README of ws and express-session's example have it. */
const wsUpgrade: Way = {
  name: "ws, server.on(upgrade), with {} in the place of a response",
  async serve(sessions, onSocket) {
    const { app, middleware } = pages(sessions);
    const server = http.createServer(app);
    const sockets = new WebSocketServer({ noServer: true });
    server.on("upgrade", (req, socket, head) => {
      middleware(req, {} as ServerResponse, () => {
        sockets.handleUpgrade(req, socket, head, (ws) => {
          void onSocket(req).then((text) => ws.send(text));
        });
      });
    });
    return { server, stop: () => sockets.close() };
  },
  open: openWs,
};

const overExpressWs: Way = {
  name: "express-ws",
  async serve(sessions, onSocket) {
    const middleware = expressSession(sessions);
    const plain = express();
    const server = http.createServer(plain);
    const { app, getWss } = expressWs(plain, server, { leaveRouterUntouched: true });
    app.use(middleware);
    addRoutes(app as unknown as express.Express, sessions);
    app.ws("/socket", (ws, req) => void onSocket(req).then((text) => ws.send(text)));
    return { server, stop: () => getWss().close() };
  },
  open: openWs,
};

const overFastify: Way = {
  name: "@fastify/websocket",
  async serve(sessions, onSocket) {
    const app = fastify();
    await app.register(fastifyWebsocket);
    await app.register(fastifySession, { sessions });
    app.get("/put", (request) => {
      sessions.putSession(request, "user", "ada");
      return "";
    });
    app.get("/", (request) => sessions.getSession(request));
    app.get("/socket", { websocket: true }, (socket, request) => {
      void onSocket(request).then((text) => socket.send(text));
    });
    await app.ready();
    return { server: app.server, stop: () => void app.close() };
  },
  open: openWs,
};

type Transport = "polling" | "websocket";

const openIo =
  (transport: Transport): Way["open"] =>
  async (port, headers) => {
    const client = io(`http://127.0.0.1:${port}`, {
      transports: [transport],
      extraHeaders: { ...headers },
      reconnection: false,
      forceNew: true,
    });
    try {
      return await new Promise((done) => {
        client.on("hello", done);
        client.on("connect_error", (error) => done(error.message));
      });
    } finally {
      client.close();
    }
  };

/** @param where `io` wraps the middleware for each namespace; `engine` runs it before the handshake */
function overSocketIo(where: "io" | "engine", transport: Transport): Way {
  return {
    name: `Socket.IO, ${where === "io" ? "io.use" : "io.engine.use"}, ${transport}`,
    async serve(sessions, onSocket) {
      const { app, middleware } = pages(sessions);
      const server = http.createServer(app);
      const io = new SocketServer(server, { transports: [transport] });
      if (where === "engine") io.engine.use(middleware);
      else {
        io.use(({ request }, next) => {
          middleware(request, {} as ServerResponse, (error) => next(error as Error | undefined));
        });
      }
      io.on("connection", (socket) => {
        void onSocket(socket.request).then((text) => socket.emit("hello", text));
      });
      return { server, stop: () => void io.close() };
    },
    open: openIo(transport),
  };
}

export const ways: readonly Way[] = [
  wsUpgrade,
  overExpressWs,
  overFastify,
  overSocketIo("io", "websocket"),
  overSocketIo("io", "polling"),
  overSocketIo("engine", "websocket"),
  overSocketIo("engine", "polling"),
];
