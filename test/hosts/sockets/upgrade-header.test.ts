/** L14: whether a request has a head of its own is known by what Node did with it, never by its Upgrade header. */
import * as http from "node:http";
import { ServerResponse } from "node:http";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import fastifyWebsocket from "@fastify/websocket";
import fastify from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { session as fastifySession } from "../../../src/adapters/fastify.ts";
import { session } from "../../../src/adapters/node.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { codeOf, freshKey, start, thrownBy } from "../../contracts/hosts/world.ts";
import type { Data } from "../../contracts/hosts/world.ts";

/** What Java's client sends with its first request over plain http. */
const H2C = {
  Connection: "Upgrade, HTTP2-Settings",
  Upgrade: "h2c",
  "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
};
const WEBSOCKET = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

describe.each(storeKinds)("L14: the Upgrade header, with $name", (kind) => {
  function open() {
    const { store } = kind.open();
    const key = freshKey();
    const sessions = createSessions<Data>({ store, key, secure: false });
    const listener = session(sessions, (req, res) => {
      sessions.updateSession(req, "n", (n = 0) => n + 1);
      res.end(`visit ${sessions.getSession(req, "n")}`);
    });
    return { sessions, key, server: http.createServer(listener) };
  }

  test.each([
    ["offers h2c", H2C],
    ["asks for a WebSocket of a server that has none", WEBSOCKET],
  ])("a request that %s is an ordinary one, and its writes are kept", async (_what, headers) => {
    const { server } = open();
    const browser = (await start(server)).browser();
    for (const visit of [1, 2, 3]) {
      const answer = await browser.get("/", { headers });
      expect([answer.status, answer.body]).toEqual([200, `visit ${visit}`]);
    }
  });

  test("a server with WebSockets may answer a client that offers h2c, and its writes are kept", async () => {
    const { server } = open();
    const sockets = new WebSocketServer({ noServer: true });
    onTestFinished(() => sockets.close());
    server.on("upgrade", (req, socket, head) => {
      if (req.headers.upgrade === "websocket") {
        sockets.handleUpgrade(req, socket, head, (ws) => ws.close());
        return;
      }
      const res = new ServerResponse(req);
      res.assignSocket(socket as Socket);
      res.shouldKeepAlive = false;
      res.on("finish", () => socket.end());
      server.emit("request", req, res);
    });
    const { port } = await start(server);
    let cookie: string | undefined;
    for (const visit of [1, 2, 3]) {
      // `fetch` refuses the header, and Node's client waits for a 101.
      const socket = new Socket().connect(port, "127.0.0.1");
      const lines = [
        "GET / HTTP/1.1",
        "Host: localhost",
        ...Object.entries(H2C).map(([name, value]) => `${name}: ${value}`),
        ...(cookie === undefined ? [] : [`Cookie: ${cookie}`]),
      ];
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      const answer = await text(socket);
      expect(answer).toContain(`visit ${visit}`);
      cookie = /^set-cookie: ([^;]*)/im.exec(answer)?.[1] ?? cookie;
    }
  });
});

describe.each(storeKinds)("L14: @fastify/websocket, with $name", (kind) => {
  async function open() {
    const { store } = kind.open();
    const key = freshKey();
    const sessions = createSessions<Data>({ store, key, secure: false });
    const app = fastify();
    onTestFinished(() => void app.close());
    await app.register(fastifyWebsocket);
    await app.register(fastifySession, { sessions });
    const errors: unknown[] = [];
    app.setErrorHandler((error, _request, reply) => {
      errors.push(error);
      void reply.code(500).send(codeOf(error));
    });
    app.get("/put", (request) => {
      sessions.putSession(request, "user", "ada");
      return "";
    });
    app.get("/socket", { websocket: true }, (socket, request) => {
      const write = thrownBy(() => sessions.dropSession(request));
      socket.send(`${sessions.getSession(request, "user")} ${write}`);
    });
    return { app, sessions, key, errors };
  }

  test("a write in a hook before the upgrade is an error of the request, and does not get lost", async () => {
    const { app, sessions, errors } = await open();
    app.addHook("preHandler", async (request) => {
      if (request.ws) sessions.putSession(request, "n", 1);
    });
    await app.ready();
    const { port } = await start(app.server);
    const ws = new WebSocket(`ws://127.0.0.1:${port}/socket`);
    const status = await new Promise((done) => {
      ws.on("unexpected-response", (_request, response) => done(response.statusCode));
      ws.on("message", done);
      ws.on("error", () => {}); // It is closed before it has opened.
    });
    ws.terminate();
    expect(status).toBe(500);
    expect(errors).toMatchObject([{ code: "ERR_SESSION_COMMITTED" }]);
  });

  test("injectWS, which has no connection at all, reads, and refuses writes", async () => {
    const { app, key } = await open();
    await app.ready();
    const { cookies } = await app.inject("/put");
    const value = cookies.find(({ name }) => name === key)?.value;
    const message = new Promise((done) => {
      void app.injectWS(
        "/socket",
        { headers: { cookie: `${key}=${value}` } },
        { onInit: (ws) => void ws.on("message", (data: Buffer) => done(data.toString())) },
      );
    });
    expect(await message).toBe("ada ERR_SESSION_COMMITTED");
  });
});
