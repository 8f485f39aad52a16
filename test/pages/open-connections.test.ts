/** Runs the code of docs/hosts/open-connections.md: real clients, and a clock for the check of every minute. */
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { requireBuilt, root } from "../setup/project.ts";
import { writePage } from "../setup/write-modules.ts";

const folder = join(root, "build/open-connections-page");
const ORIGIN = "https://shop.example";

/** What the page's application offers to the test. */
interface Application {
  readonly ws: Server;
  readonly socketIo: Server;
  readonly events: Server;
  /** Signs in, and gives the Cookie header. */
  readonly signIn: (user: string) => Promise<string>;
  /** The next read of the table gives what it has found when it began, and not before it may go on. */
  readonly holdNextRead: () => { readonly begun: Promise<void>; readonly goOn: () => void };
  /** Ends the session, with the event of this process or, as another process would, without one. */
  readonly logOut: (cookie: string, where: "here" | "elsewhere") => Promise<void>;
}

/** The page's table, as one that answers later. */
const TABLE = `
import { createTable } from "sojourn";
export const held = [];
const table = createTable();
export const laterTable = {
  async get(key) {
    const row = table.get(key);
    await held.shift()?.();
    return row;
  },
  insert: async (...args) => table.insert(...args),
  replace: async (...args) => table.replace(...args),
  touch: async (...args) => table.touch(...args),
  delete: async (...args) => table.delete(...args),
};`;

const MAIN = `
import { createServer } from "node:http";
import { channel } from "node:diagnostics_channel";
import { cookieFor } from "sojourn/testing";
import { session } from "sojourn/fetch";
import { sessions } from "./sessions.js";
import { server as ws } from "./ws-server.js";
import { server as socketIo } from "./socket-io-server.js";
import { app } from "./events-server.js";
import { held } from "./table.js";

const drop = session(sessions, (request) => (sessions.dropSession(request), new Response("")));
export const application = {
  ws, socketIo, events: createServer(app),
  signIn: async (user_id) => (await cookieFor(sessions, { user_id })),
  holdNextRead() {
    let goOn, begin;
    const begun = new Promise((done) => (begin = done));
    const gate = new Promise((done) => (goOn = done));
    held.push(() => (begin(), gate));
    return { begun, goOn };
  },
  async logOut(cookie, where) {
    const events = channel("sojourn:drop");
    const { publish } = events;
    if (where === "elsewhere") events.publish = () => {};
    await drop(new Request("https://shop.example/", { headers: { cookie } }));
    events.publish = publish;
  },
};`;

vi.setConfig({ testTimeout: 10_000 });

let application: Application;

beforeAll(() => {
  requireBuilt();
  writePage("docs/hosts/open-connections.md", folder);
  writeFileSync(join(folder, "main.js"), MAIN);
  writeFileSync(join(folder, "table.js"), TABLE);
  const sessions = join(folder, "sessions.js");
  const text = readFileSync(sessions, "utf8");
  expect(text).toContain("table: createTable()");
  const later = text.replace("table: createTable()", "table: laterTable");
  writeFileSync(sessions, `import { laterTable } from "./table.js";\n${later}`);
});

beforeEach(async () => {
  // The page starts its timer when it is loaded.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  vi.resetModules();
  const main = (await import(/* @vite-ignore */ join(folder, "main.js"))) as {
    readonly application: Application;
  };
  application = main.application;
});
afterEach(() => void vi.useRealTimers());

async function listen(server: Server): Promise<number> {
  if (!server.listening)
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no address");
  return address.port;
}

/** What a client hears, in order, and its end. */
interface Heard {
  readonly next: () => Promise<string>;
}

function hearing(): Heard & { readonly say: (text: string) => void } {
  const said: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  return {
    say(text) {
      const wait = waiting.shift();
      if (wait) wait(text);
      else said.push(text);
    },
    next: () =>
      new Promise((done) => {
        const text = said.shift();
        if (text === undefined) waiting.push(done);
        else done(text);
      }),
  };
}

interface Kind {
  readonly name: string;
  readonly connect: (cookie: string, origin?: string) => Promise<Heard>;
  /** What a client hears without a session, from another site, and at a log-out. */
  readonly refused: string;
  readonly foreign?: string;
  readonly ended: string;
}

const kinds: readonly Kind[] = [
  {
    name: "ws",
    async connect(cookie, origin = ORIGIN) {
      const { next, say } = hearing();
      const ws = new WebSocket(`ws://127.0.0.1:${await listen(application.ws)}`, {
        headers: { cookie, origin },
      });
      onTestFinished(() => ws.terminate());
      ws.on("message", (data: Buffer) => say(data.toString()));
      ws.on("unexpected-response", (_request, { statusCode }) => say(String(statusCode)));
      ws.on("error", () => {});
      ws.on("close", (code) => say(String(code)));
      return { next };
    },
    refused: "401",
    foreign: "403",
    ended: "4401",
  },
  ...(["polling", "websocket"] as const).map((transport) => ({
    name: `Socket.IO, ${transport}`,
    async connect(cookie: string, origin = ORIGIN) {
      const { next, say } = hearing();
      const client = io(`http://127.0.0.1:${await listen(application.socketIo)}`, {
        transports: [transport],
        extraHeaders: { cookie, origin },
        reconnection: false,
        forceNew: true,
      });
      onTestFinished(() => void client.close());
      client.on("hello", say);
      client.on("connect_error", ({ message }) => say(message));
      client.on("disconnect", say);
      return { next };
    },
    refused: "signed out",
    foreign: transport === "polling" ? "xhr poll error" : "websocket error",
    ended: "io server disconnect",
  })),
  {
    name: "Server-Sent Events",
    async connect(cookie) {
      const { next, say } = hearing();
      const url = `http://127.0.0.1:${await listen(application.events)}/events`;
      const answer = await fetch(url, { headers: { cookie } });
      if (!answer.ok) say(String(answer.status));
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      void (async () => {
        for (;;) {
          const { value, done } = (await reader?.read()) ?? { done: true };
          if (done) return say("end");
          if (answer.ok) say(value.replace(/^data: (.*)\n\n$/, "$1"));
        }
      })();
      return { next };
    },
    refused: "401",
    ended: "end",
  },
];

describe.each(kinds)("$name, as the page shows it", ({ connect, refused, foreign, ended }) => {
  it("a connection knows its user, and nobody gets none", async () => {
    const { next } = await connect(await application.signIn("ada"));
    expect(await next()).toBe("hello ada");
    expect(await (await connect("other=1")).next()).toBe(refused);
  });

  it.runIf(foreign)("a page of another site gets no connection", async () => {
    const { next } = await connect(await application.signIn("ada"), "https://evil.example");
    expect(await next()).toBe(foreign);
  });

  it("a log-out closes the connection at once, and no other", async () => {
    const [ada, bob] = [await application.signIn("ada"), await application.signIn("bob")];
    const [first, second] = [await connect(ada), await connect(bob)];
    expect([await first.next(), await second.next()]).toEqual(["hello ada", "hello bob"]);
    await application.logOut(ada, "here");
    expect(await first.next()).toBe(ended);
    await application.logOut(bob, "here");
    expect(await second.next()).toBe(ended);
  });

  it("a log-out in another process closes the connection within a minute", async () => {
    const ada = await application.signIn("ada");
    const { next } = await connect(ada);
    expect(await next()).toBe("hello ada");
    await application.logOut(ada, "elsewhere");
    const end = next();
    const early = new Promise((done) => setImmediate(() => setImmediate(() => done("open"))));
    expect(await Promise.race([end, early])).toBe("open");
    vi.advanceTimersByTime(60_000);
    expect(await end).toBe(ended);
  });

  it("a log-out while the session is read closes the connection as well", async () => {
    const ada = await application.signIn("ada");
    const reading = application.holdNextRead();
    const connecting = connect(ada);
    await reading.begun;
    await application.logOut(ada, "here");
    reading.goOn(); // It has read the session as it was before the log-out.
    const { next } = await connecting;
    expect(await next()).toBe(refused);
  });
});

it("the event stream of the page is private, and no compressor may hold it back", async () => {
  const listener: RequestListener = application.events.listeners("request")[0] as RequestListener;
  const port = await listen(createServer(listener));
  const answer = await fetch(`http://127.0.0.1:${port}/events`, {
    headers: { cookie: await application.signIn("ada") },
  });
  expect(answer.headers.get("cache-control")).toBe("private, no-cache, no-transform");
  await answer.body?.cancel();
});
