import { once } from "node:events";
import * as http from "node:http";
import * as http2 from "node:http2";
import * as net from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { session } from "../../src/adapters/node.ts";
import { createSessions } from "../../src/core/sessions.ts";
import { newSessions, openSessions } from "../contracts/hosts/sessions.ts";
import type { Opened } from "../contracts/hosts/sessions.ts";
import { sealedCookie, storeKinds } from "../contracts/hosts/stores.ts";
import type { StoreKind } from "../contracts/hosts/stores.ts";
import { codeOf, freshKey, listenTo, start, thrownBy } from "../contracts/hosts/world.ts";
import type { Served } from "../contracts/hosts/world.ts";

type Listener = (req: http.IncomingMessage, res: http.ServerResponse) => unknown;

const serve = (listener: Listener): Promise<Served> =>
  start(http.createServer((req, res) => void listener(req, res)));

/** What the default error path reports. */
function reports(): readonly unknown[] {
  const reported: unknown[] = [];
  const spy = vi.spyOn(console, "error").mockImplementation((error) => void reported.push(error));
  onTestFinished(() => spy.mockRestore());
  return reported;
}

/** Sends bytes as they are; gives all that comes back until the server closes the connection. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = net.connect(port, "127.0.0.1");
    let come = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => (come += chunk));
    socket.on("error", failed);
    socket.on("close", () => done(come));
    socket.write(text);
  });
}

describe.each(storeKinds)("node:http with $name", (kind) => {
  const open = (): Opened => openSessions(kind);

  test("the arguments of the call that answers may look at the session and write to it", async () => {
    const { sessions } = open();
    const { browser } = await serve(
      session(sessions, (req, res) => {
        if (req.url === "/read") return res.end(String(sessions.getSession(req, "user")));
        return res.end(String(sessions.of(req).put("user", "ada").get("user")));
      }),
    );
    const visitor = browser();
    expect(await visitor.get("/write")).toMatchObject({ status: 200, body: "ada" });
    expect(await visitor.get("/read")).toMatchObject({ status: 200, body: "ada" });
  });

  describe("a handler without onError", () => {
    test.each(["at once", "later"])(
      "an error that a handler throws %s is reported and is a 500",
      async (when) => {
        const reported = reports();
        const { sessions } = open();
        const { browser } = await serve(
          session(sessions, (req, res) => {
            if (req.url === "/ok") return res.end("ok");
            const error = new Error("boom");
            if (when === "later") return Promise.reject(error);
            throw error;
          }),
        );
        expect(await browser().get("/")).toMatchObject({
          status: 500,
          body: "Internal Server Error",
        });
        expect(reported.map(codeOf)).toEqual(["boom"]);
        expect((await browser().get("/ok")).body).toBe("ok");
      },
    );

    test("a failed commit is reported and is a 500", async () => {
      const reported = reports();
      const { sessions, table } = open();
      if (table) table.writes = "failing";
      const { browser } = await serve(
        session(sessions, (req, res) => {
          sessions.putSession(req, "text", table ? "x" : "x".repeat(5000));
          res.writeHead(201, { "X-Handler": "1" }).end("the handler's");
        }),
      );
      const answer = await browser().get("/");
      expect(answer).toMatchObject({ status: 500, body: "Internal Server Error", cookies: [] });
      expect(answer.headers).not.toHaveProperty("x-handler");
      expect(reported).toHaveLength(1);
    });

    test("an error in the middle of an answer breaks the answer off", async () => {
      const reported = reports();
      const { sessions } = open();
      const { browser } = await serve(
        session(sessions, async (req, res) => {
          sessions.getSession(req);
          res.write("half");
          await new Promise((done) => setImmediate(done));
          throw new Error("boom");
        }),
      );
      await expect(browser().get("/")).rejects.toThrow();
      expect(reported.map(codeOf)).toEqual(["boom"]);
    });

    test("an error after the answer leaves the answer whole", async () => {
      // More than what leaves at once.
      const whole = "x".repeat(4 * 1024 * 1024);
      const reported = reports();
      const { sessions } = open();
      const { browser } = await serve(
        session(sessions, (req, res) => {
          sessions.putSession(req, "user", "ada");
          res.end(whole);
          throw new Error("boom");
        }),
      );
      const answer = await browser().get("/");
      expect(answer.status).toBe(200);
      expect(answer.body.length).toBe(whole.length);
      expect(answer.cookies).toHaveLength(1);
      expect(reported.map(codeOf)).toEqual(["boom"]);
    });
  });

  test("an onError that throws is reported, too, and is a 500", async () => {
    const reported = reports();
    const { sessions } = open();
    const { browser } = await serve(
      session(
        sessions,
        () => {
          throw new Error("boom");
        },
        {
          onError(error) {
            throw new Error(`${codeOf(error)} again`);
          },
        },
      ),
    );
    expect(await browser().get("/")).toMatchObject({ status: 500, body: "Internal Server Error" });
    expect(reported.map(codeOf)).toEqual(["boom again"]);
  });

  test("HTTP/1.0, pipelined and half-closed requests are answered, each with its own session", async () => {
    const { sessions, key } = open();
    const { port } = await serve(
      session(sessions, (req, res) => {
        if (req.url === "/put") sessions.putSession(req, "user", "ada");
        res.end(`[${sessions.getSession(req, "user")}]`);
      }),
    );
    const old = await exchange(port, "GET /put HTTP/1.0\r\nHost: localhost\r\n\r\n");
    expect(old).toMatch(new RegExp(`^HTTP/1\\.1 200 OK\r\n[^]*Set-Cookie: ${key}=[^]*\\[ada\\]$`));
    const cookie = new RegExp(`${key}=[\\w-]+`).exec(old)?.[0];
    const ask = (lines: string) => `GET / HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`;
    const both = await exchange(
      port,
      ask(`Cookie: a=1\r\nCookie: ${cookie}\r\n`) + ask("") + ask("Connection: close\r\n"),
    );
    expect(both.match(/\[\w+\]/g)).toEqual(["[ada]", "[undefined]", "[undefined]"]);
  });

  test("a head that Node sends by itself carries the cookie", async () => {
    const { sessions } = open();
    const { browser } = await serve(
      session(sessions, (req, res) => {
        sessions.putSession(req, "user", "ada");
        res.setHeader("Set-Cookie", "a=1");
        res.flushHeaders();
        res.write("one ");
        res.end("two");
      }),
    );
    const answer = await browser().get("/");
    expect(answer.body).toBe("one two");
    expect(answer.cookies).toHaveLength(2);
  });

  test("listeners inside one another have a session each", async () => {
    const outer = open();
    const inner = open();
    const { browser } = await serve(
      session(
        outer.sessions,
        session(inner.sessions, (req, res) => {
          outer.sessions.putSession(req, "user", "ada");
          inner.sessions.putSession(req, "user", "bob");
          res.end();
        }),
      ),
    );
    expect((await browser().get("/")).cookies).toEqual([
      expect.stringMatching(`^${outer.key}=`),
      expect.stringMatching(`^${inner.key}=`),
    ]);
  });
});

describe("L14: a listener whose client has gone", () => {
  test.each(["gives up without an answer", "fails, and so does onError"])(
    "the session is committed when the promise of a handler that %s is settled",
    async (how) => {
      const { sessions, calls, key } = openSessions(storeKinds[1] as StoreKind);
      const events = listenTo(key);
      const reported = reports();
      let gone = (): void => {};
      const settled = new Promise<void>((done) => (gone = done));
      const { browser } = await serve(
        session(
          sessions,
          async (req, res) => {
            sessions.updateSession(req, "n", (n = 0) => n + 1);
            if (req.url === "/in") return res.end();
            res.destroy();
            await once(res, "close");
            expect(calls.write).toBe(0);
            setImmediate(gone);
            if (how.startsWith("fails")) throw new Error("boom");
            return undefined;
          },
          {
            onError: () => {
              throw new Error("another");
            },
          },
        ),
      );
      const visitor = browser();
      await visitor.get("/in");
      await expect(visitor.get("/")).rejects.toThrow();
      await settled;
      expect(events.filter((event) => event.startsWith("commit"))).toEqual([
        "commit create",
        "commit write",
      ]);
      expect(reported.map(codeOf)).toEqual(how.startsWith("fails") ? ["another"] : []);
    },
  );
});

test("L14: a log-out after an answer on the HTTP/2 stream itself is carried out while the stream is open", async () => {
  const { sessions, key } = openSessions(storeKinds[1] as StoreKind);
  const events = listenTo(key);
  const { browser } = await start(
    http2.createServer(
      session<http2.Http2ServerRequest, http2.Http2ServerResponse>(sessions, (req, res) => {
        if (req.url === "/in") {
          sessions.putSession(req, "user", "ada");
          return res.end();
        }
        sessions.getSession(req);
        res.stream.respond({ ":status": 200 });
        sessions.dropSession(req);
        expect(events.slice(-2)).toEqual(["drop asked", "drop-cookie no-answer"]);
        return res.stream.end("bye");
      }),
    ),
    "http/2",
  );
  const visitor = browser();
  await visitor.get("/in");
  expect(await visitor.get("/")).toMatchObject({ body: "bye", cookies: [] });
  expect(events.filter((event) => event.startsWith("drop "))).toHaveLength(1);
});

test("L19: a request without a Host header is told of, too", async () => {
  const key = freshKey();
  const events = listenTo(key);
  const sessions = newSessions(undefined, key);
  const { port } = await serve(
    session(sessions, (req, res) => {
      sessions.putSession(req, "user", "ada");
      res.end();
    }),
  );
  expect(await exchange(port, "GET / HTTP/1.0\r\n\r\n")).toContain(`Set-Cookie: ${key}=`);
  expect(events).toContain("drop-cookie insecure-transport");
});

test.each<readonly [title: string, handler: unknown, options: object]>([
  ["a name: a plain request has no property for it", () => {}, { as: "visit" }],
  ["a handler that is none", undefined, {}],
  ["an onError that is none", () => {}, { onError: "log" }],
  ["an option that does not exist", () => {}, { secret: "x" }],
])("the set-up refuses %s", (_title, handler, options) => {
  const sessions = createSessions({ store: sealedCookie.open().store, key: freshKey() });
  expect(thrownBy(() => session(sessions, handler as () => void, options))).toBe(
    "ERR_SESSION_CONFIG",
  );
});
