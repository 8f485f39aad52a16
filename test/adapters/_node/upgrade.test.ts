import * as http from "node:http";
import express from "express";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { session } from "../../../src/adapters/express.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { codeOf, freshKey, listenTo, start, thrownBy } from "../../contracts/hosts/world.ts";
import type { Data } from "../../contracts/hosts/world.ts";

const failureOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "nothing", codeOf);

/** sessions.read: the session of a request that no middleware sees. */
describe.each(storeKinds)("an upgrade request, with $name", (kind) => {
  async function open() {
    const { store, calls, table } = kind.open();
    const key = freshKey();
    let now = Date.UTC(2030, 0, 1);
    const sessions = createSessions<Data>({ store, key, now: () => now });
    const app = express();
    app.use(session(sessions));
    app.get("/put", (req, res) => {
      sessions.putSession(req, "user", "ada");
      res.send(sessions.of(req).handle);
    });
    app.get("/renew", (req, res) => {
      sessions.renewSession(req);
      res.send();
    });
    app.get("/drop", (req, res) => {
      sessions.dropSession(req);
      res.send();
    });
    app.get("/", (req, res) => void res.send(sessions.of(req).handle));
    const server = http.createServer(app);
    const sockets = new WebSocketServer({ noServer: true });
    onTestFinished(() => sockets.close());
    server.on("upgrade", (req, socket, head) => {
      const refuse = (): void => void socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      sessions.read(req.headers).then((session) => {
        const user = session.get("user");
        if (user === undefined) return refuse();
        return sockets.handleUpgrade(req, socket, head, (ws) => ws.send(`hello ${user}`));
      }, refuse);
    });
    const { port, browser } = await start(server);
    const cookie = (of: ReturnType<typeof browser>): string => `${key}=${of.jar.get(key)}`;
    /** The first message, or why there is none. */
    const connect = (cookie?: string): Promise<string> =>
      new Promise((done) => {
        const ws = new WebSocket(`ws://127.0.0.1:${port}`, { headers: cookie ? { cookie } : {} });
        onTestFinished(() => ws.terminate());
        ws.on("message", (data: Buffer) => done(data.toString()));
        ws.on("unexpected-response", (_request, response) => done(String(response.statusCode)));
        ws.on("error", (error) => done(error.message));
      });
    const pass = (milliseconds: number): void => void (now += milliseconds);
    return { sessions, calls, table, key, browser: browser(), cookie, connect, pass };
  }

  test("the handler of an upgrade knows its visitor, on ws", async () => {
    const { browser, cookie, connect } = await open();
    expect(await connect()).toBe("401");
    await browser.get("/put");
    expect(await connect(cookie(browser))).toBe("hello ada");
    const before = cookie(browser);
    await browser.get("/drop");
    // Nothing on the server could end a sealed cookie.
    expect(await connect(before)).toBe(kind.table === "none" ? "hello ada" : "401");
  });

  test("sessions.read takes Node's headers and those of the platform alike, once and at once", async () => {
    const { sessions, browser, cookie, calls, pass } = await open();
    await browser.get("/put");
    const value = cookie(browser);
    const loads = calls.load;
    const read = [
      await sessions.read({ cookie: value }),
      await sessions.read({ cookie: ["a=1", value] }),
      await sessions.read(new Headers({ cookie: `a=1; ${value}` })),
    ];
    expect(calls.load).toBe(loads + 3);
    // What was read stays what it was: a connection outlives the request that opened it.
    pass(40 * 24 * 60 * 60 * 1000);
    expect(read.map((session) => session.get("user"))).toEqual(["ada", "ada", "ada"]);
    expect(calls.load).toBe(loads + 3);
    const { handle } = read[0] ?? {};
    expect(handle).toMatch(/^\S{22}$/);
    expect(read.map((session) => session.handle)).toEqual([handle, handle, handle]);
  });

  test("every write throws, and no read keeps a session alive", async () => {
    const { sessions, browser, cookie, calls, pass } = await open();
    await browser.get("/put");
    pass(60 * 60 * 1000);
    const session = await sessions.read({ cookie: cookie(browser) });
    expect([
      thrownBy(() => session.put("n", 1)),
      thrownBy(() => session.delete("user")),
      thrownBy(() => session.update("n", () => 1)),
      thrownBy(() => session.flash("text")),
      thrownBy(() => session.renew()),
      thrownBy(() => session.drop()),
    ]).toEqual(Array.from({ length: 6 }, () => "ERR_SESSION_COMMITTED"));
    expect(session.get("user")).toBe("ada");
    expect(calls).toMatchObject({ write: 0, touch: 0, drop: 0 });
    pass(23.5 * 60 * 60 * 1000);
    expect((await sessions.read({ cookie: cookie(browser) })).get("user")).toBeUndefined();
  });

  test("a bad cookie is an empty session and an event, and without a cookie nothing is read", async () => {
    const { sessions, calls, key } = await open();
    const events = listenTo(key);
    expect((await sessions.read({ cookie: `${key}=rubbish` })).get()).toEqual({});
    expect(events).toEqual(["refuse malformed"]);
    expect((await sessions.read({})).handle).toBeUndefined();
    expect((await sessions.read(new Headers())).handle).toBeUndefined();
    expect(calls).toMatchObject({ load: 1, create: 0 });
  });

  test.runIf(kind.table !== "none")(
    "an outage is an error, and never an empty session",
    async () => {
      const { sessions, browser, cookie, table } = await open();
      await browser.get("/put");
      if (table) table.reads = "failing";
      expect(await failureOf(sessions.read({ cookie: cookie(browser) }))).toBe("ERR_SESSION_STORE");
    },
  );

  test("a request in the place of its headers is an error, because it would have no session", async () => {
    const { sessions } = await open();
    const read = (headers: unknown): Promise<string> => failureOf(sessions.read(headers as never));
    expect(await read({ headers: { cookie: "a=1" } })).toBe("ERR_SESSION_USE");
    expect(await read(new Request("https://shop.example/"))).toBe("ERR_SESSION_USE");
    expect(await read({ req: {}, get: () => undefined })).toBe("ERR_SESSION_USE");
    expect(await read(undefined)).toBe("ERR_SESSION_USE");
    expect(await read("a=1")).toBe("ERR_SESSION_USE");
  });
});
