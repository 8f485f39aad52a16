import { writeFile, mkdtemp, rm } from "node:fs/promises";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express5 from "express";
import type { Express, NextFunction, Request, Response } from "express";
import express4 from "express4";
import { describe, expect, onTestFinished, test } from "vitest";
import { session } from "../../src/adapters/express.ts";
import { createSessions } from "../../src/core/sessions.ts";
import { sealedCookie, storeKinds } from "../contracts/hosts/stores.ts";
import type { Bench } from "../contracts/hosts/stores.ts";
import { codeOf, freshKey, start, thrownBy } from "../contracts/hosts/world.ts";
import type { Data, Served } from "../contracts/hosts/world.ts";

const serve = (app: Express): Promise<Served> => start(http.createServer(app));

/** `req.session`, which in this program is typed as another library's. */
const sessionIn = (req: object): unknown => Reflect.get(req, "session");

// What is used here is the same in both, but a type of its own.
const versions = [
  { version: "Express 5", express: express5 },
  { version: "Express 4", express: express4 as unknown as typeof express5 },
];

describe.each(versions)("$version", ({ express }) => {
  describe.each(storeKinds)("Express with $name", (kind) => {
    function open(timeout?: number) {
      const bench: Bench = kind.open(timeout);
      const key = freshKey();
      const sessions = createSessions<Data>({ store: bench.store, key });
      return { ...bench, key, sessions };
    }

    test("req.session is the session, and an assignment to it, or to a name of it, throws", async () => {
      const { sessions } = open();
      const app = express();
      app.use(session(sessions));
      app.get("/", (req, res) => {
        res.send([
          thrownBy(() => Reflect.set(req, "session", null)),
          thrownBy(() => Object.assign(req, { session: {} })),
          thrownBy(() => Object.assign(sessions.of(req), { user_id: "s1" })),
          sessionIn(req) === sessions.of(req),
        ]);
      });
      const answer = await (await serve(app)).browser().get("/");
      expect(answer.body).toBe('["ERR_SESSION_USE","ERR_SESSION_USE","ERR_SESSION_USE",true]');
      expect(answer.cookies).toEqual([]);
    });

    test("static files above the middleware cost no call of the store", async () => {
      const { sessions, calls } = open();
      const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      await writeFile(join(folder, "app.css"), "body {}");
      const app = express();
      app.use(express.static(folder), session(sessions));
      app.use((req, res) => {
        sessions.putSession(req, "user", "ada");
        res.sendFile(join(folder, "app.css"));
      });
      const browser = (await serve(app)).browser();
      const put = await browser.get("/put");
      expect(put.cookies).toHaveLength(1);
      const before = calls.all;
      expect((await browser.get("/app.css")).headers["cache-control"]).toBe("public, max-age=0");
      expect(calls.all).toBe(before);
    });

    test("sendFile keeps its ranges, and sends its 304", async () => {
      const { sessions } = open();
      const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      await writeFile(join(folder, "ten.txt"), "0123456789");
      const app = express();
      app.use(session(sessions), (req, res) => {
        sessions.updateSession(req, "n", (n = 0) => n + 1);
        if (req.path === "/file") res.sendFile(join(folder, "ten.txt"));
        else res.send("same");
      });
      const browser = (await serve(app)).browser();
      const part = await browser.get("/file", { headers: { Range: "bytes=2-4" } });
      expect(part).toMatchObject({ status: 206, body: "234" });
      expect(part.cookies).toHaveLength(1);
      const { headers } = await browser.get("/text");
      const again = await browser.get("/text", {
        headers: { "If-None-Match": headers.etag ?? "" },
      });
      expect(again).toMatchObject({ status: 304, body: "" });
    });

    test("a body that arrives while the session is fetched is not lost", async () => {
      const { sessions } = open();
      const app = express();
      app.use(session(sessions), express.json());
      app.post("/", (req, res) => {
        sessions.putSession(req, "user", (req.body as { readonly user: string }).user);
        res.json({ user: sessions.getSession(req, "user") });
      });
      const browser = (await serve(app)).browser();
      const post = (user: string) =>
        browser.get("/", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ user }),
        });
      expect((await post("ada")).body).toBe('{"user":"ada"}');
      expect((await post("bob")).body).toBe('{"user":"bob"}');
    });

    test("res.writeHead, res.cookie and res.append keep their cookies beside ours", async () => {
      const { sessions, key } = open();
      const app = express();
      app.use(session(sessions), (req, res) => {
        sessions.putSession(req, "user", "ada");
        res.cookie("a", "1");
        res.append("Set-Cookie", "b=2");
        if (req.path === "/head") res.writeHead(200, { "X-Handler": "1" });
        res.end("ok");
      });
      const served = await serve(app);
      const ours = expect.stringMatching(`^${key}=`) as string;
      for (const path of ["/", "/head"]) {
        expect((await served.browser().get(path)).cookies).toEqual(["a=1; Path=/", "b=2", ours]);
      }
    });

    test("mounted applications share the session, or have one of their own", async () => {
      const outer = open();
      const inner = open();
      const app = express();
      const shared = express();
      const alone = express();
      shared.get("/", (req, res) => {
        outer.sessions.putSession(req, "user", "ada");
        res.send(String(sessionIn(req) === outer.sessions.of(req)));
      });
      alone.use(session(inner.sessions, { as: "inner" }));
      alone.get("/", (req, res) => {
        inner.sessions.putSession(req, "user", "bob");
        res.send(String(Reflect.get(req, "inner") === inner.sessions.of(req)));
      });
      app.use("/alone", alone);
      app.use(session(outer.sessions));
      app.use("/shared", shared);
      app.get("/", (req, res) => {
        res.send([outer.sessions.getSession(req, "user"), "inner" in req]);
      });
      const browser = (await serve(app)).browser();
      expect(await browser.get("/shared")).toMatchObject({ status: 200, body: "true" });
      expect(await browser.get("/alone")).toMatchObject({ status: 200, body: "true" });
      expect([...browser.jar.keys()]).toEqual([outer.key, inner.key]);
      expect((await browser.get("/")).body).toBe('["ada",false]');
    });

    describe("a commit that fails on Express", () => {
      const failing = (timeout?: number) => {
        const opened = open(timeout);
        if (opened.table) opened.table.writes = "failing";
        const put = (req: Request) =>
          opened.sessions.putSession(req, "text", opened.table ? "x" : "x".repeat(5000));
        return { ...opened, put };
      };

      test("Express gives its own answer if the application has none", async () => {
        const { sessions, put } = failing();
        const app = express();
        app.use(session(sessions));
        app.get("/", (req, res) => {
          put(req);
          res.status(201).set("X-Handler", "1").json({ secret: "the handler's" });
        });
        const { browser } = await serve(app);
        const answer = await browser().get("/");
        expect(answer).toMatchObject({ status: 500, cookies: [] });
        expect(answer.headers).not.toHaveProperty("x-handler");
        expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
        expect(answer.body).not.toContain("the handler's");
        expect((await browser().get("/none")).status).toBe(404);
      });

      test("the error handlers beside the middleware are asked, once, with nothing sent", async () => {
        const { sessions, put } = failing();
        const seen: string[] = [];
        const note =
          (name: string) =>
          (error: unknown, _req: Request, res: Response, next: NextFunction): void => {
            seen.push(`${name} ${res.headersSent} ${error instanceof Error}`);
            next(error);
          };
        const app = express();
        const router = express.Router();
        router.use(session(sessions));
        router.get("/", (req, res) => {
          put(req);
          res.redirect("/there");
        });
        router.use(note("router"));
        app.use("/below", router, note("behind"));
        app.use(note("application"));
        app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
          res.status(503).send(codeOf(error));
        });
        const answer = await (await serve(app)).browser().get("/below");
        const code = kind.table === "none" ? "ERR_SESSION_COOKIE_OVERFLOW" : "ERR_SESSION_STORE";
        expect(answer).toMatchObject({ status: 503, body: code });
        expect(answer.headers).not.toHaveProperty("location");
        expect(seen).toEqual(
          ["router", "behind", "application"].map((name) => `${name} false true`),
        );
      });

      test("an error page that writes as well ends in Express's own answer", async () => {
        const { sessions, put } = failing();
        const app = express();
        app.use(session(sessions));
        app.get("/", () => {
          throw new Error("boom");
        });
        app.use((_error: unknown, req: Request, res: Response, _next: NextFunction) => {
          put(req);
          res.status(500).send("the page");
        });
        const answer = await (await serve(app)).browser().get("/");
        expect(answer).toMatchObject({ status: 500, cookies: [] });
        expect(answer.body).not.toContain("the page");
      });
    });
  });

  test("the middleware refuses a name that another library has taken, and a request outside of it keeps that name", async () => {
    const sessions = createSessions<Data>({ store: sealedCookie.open().store, key: freshKey() });
    const app = express();
    app.use("/before", (req, _res, next) => {
      Object.assign(req, { session: "theirs" });
      next();
    });
    app.use(["/before", "/ours"], session(sessions));
    app.use("/without", (req, res) => {
      Object.assign(req, { session: "theirs" });
      res.send(String(sessionIn(req)));
    });
    app.use("/ours", (req, res) => void res.send(typeof sessionIn(req)));
    app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
      res.status(500).send(codeOf(error));
    });
    const browser = (await serve(app)).browser();
    const taken = { status: 500, body: "ERR_SESSION_CONFIG" };
    expect(await browser.get("/before")).toMatchObject(taken);
    expect((await browser.get("/ours")).body).toBe("object");
    expect((await browser.get("/without")).body).toBe("theirs");
    // Also after the accessor is there.
    expect(await browser.get("/before")).toMatchObject(taken);
  });
});

test("a server that is not Express puts nothing on what all requests of the process share", async () => {
  const sessions = createSessions<Data>({ store: sealedCookie.open().store, key: freshKey() });
  const middleware = session(sessions);
  const server = http.createServer((req, res) => {
    middleware(req, res, () => {
      sessions.putSession(req, "user", "ada");
      res.end(String(sessionIn(req) === sessions.of(req)));
    });
  });
  const answer = await (await start(server)).browser().get("/");
  expect(answer.body).toBe("true");
  expect(answer.cookies).toHaveLength(1);
  expect("session" in http.IncomingMessage.prototype).toBe(false);
});

test.each<readonly [title: string, options: object]>([
  ["an option that does not exist", { name: "session" }],
  ["text", "visit" as unknown as object],
  ["an empty name", { as: "" }],
  ["a fetch that is no boolean", { fetch: "no" }],
  ["a way to treat errors that does not exist", { onStoreError: "ignore" }],
])("the set-up refuses %s", (_title, options) => {
  const sessions = createSessions({ store: sealedCookie.open().store, key: freshKey() });
  expect(thrownBy(() => session(sessions, options))).toBe("ERR_SESSION_CONFIG");
});

test("the set-up refuses what createSessions has not made", () => {
  expect(thrownBy(() => session({} as never))).toBe("ERR_SESSION_CONFIG");
});
