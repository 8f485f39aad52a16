import * as http from "node:http";
import Koa3 from "koa";
import Koa2 from "koa2";
import { describe, expect, test, vi } from "vitest";
import { session } from "../../src/adapters/koa.ts";
import { newSessions } from "../contracts/hosts/sessions.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import { codeOf, start, thrownBy } from "../contracts/hosts/world.ts";
import type { Served } from "../contracts/hosts/world.ts";

/** The types of a chain of middlewares say what each of them adds. */
const serve = (app: { callback(): http.RequestListener }): Promise<Served> =>
  start(http.createServer(app.callback()));

/** An application that says nothing on its own when a handler throws. */
function silent(app: Koa3): Koa3 {
  app.silent = true;
  return app;
}

// What is used here is the same in both, but a type of its own.
const versions = [
  { version: "Koa 3", Koa: Koa3 },
  { version: "Koa 2", Koa: Koa2 as unknown as typeof Koa3 },
];

describe.each(versions)("$version", ({ Koa }) => {
  test("ctx.session is the session, and an assignment to it, or to a name of it, throws", async () => {
    const sessions = newSessions();
    const app = new Koa().use(session(sessions)).use((ctx) => {
      ctx.body = [
        ctx.session === sessions.of(ctx),
        thrownBy(() => Object.assign(ctx, { session: null })),
        thrownBy(() => Object.assign(ctx.session, { user_id: "s1" })),
      ];
    });
    const answer = await (await serve(app)).browser().get("/");
    expect(answer.body).toBe('[true,"ERR_SESSION_USE","ERR_SESSION_USE"]');
    expect(answer.cookies).toEqual([]);
  });

  test("a second middleware has its own name, and the helpers take ctx.req as well", async () => {
    const [sessions, admin] = [newSessions(), newSessions()];
    const app = new Koa()
      .use(session(sessions))
      .use(session(admin, { as: "admin" }))
      .use((ctx) => {
        ctx.admin.put("n", 1);
        sessions.putSession(ctx.req, "user", "ada");
        ctx.body = "ok";
      });
    expect((await (await serve(app)).browser().get("/")).cookies).toHaveLength(2);
  });

  describe.each(storeKinds)("Koa with $name", (kind) => {
    test("a put before the handler threw keeps its cookie, although Koa removes every header", async () => {
      const sessions = newSessions(kind.open().store);
      const app = silent(new Koa());
      app.use(session(sessions)).use((ctx) => {
        if (ctx.path === "/read") {
          ctx.body = ctx.session.get("user");
          return;
        }
        ctx.session.put("user", "ada");
        ctx.cookies.set("mine", "1");
        ctx.set("X-Handler", "1");
        throw new Error("boom");
      });
      const browser = (await serve(app)).browser();
      const answer = await browser.get("/");
      expect(answer).toMatchObject({ status: 500, cookies: { length: 1 } });
      expect(answer.headers).not.toHaveProperty("x-handler");
      expect((await browser.get("/read")).body).toBe("ada");
    });

    test("a cookie of the handler and a handled error leave beside ours", async () => {
      const sessions = newSessions(kind.open().store);
      const app = new Koa();
      app.use(async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          ctx.status = 422;
          ctx.body = codeOf(error);
        }
      });
      app.use(session(sessions)).use((ctx) => {
        ctx.session.put("user", "ada");
        ctx.cookies.set("mine", "1");
        throw new Error("boom");
      });
      const answer = await (await serve(app)).browser().get("/");
      expect(answer).toMatchObject({ status: 422, body: "boom", cookies: { length: 2 } });
    });

    test("an answer past Koa carries the cookie", async () => {
      const sessions = newSessions(kind.open().store);
      const app = new Koa().use(session(sessions)).use((ctx) => {
        ctx.session.put("user", "ada");
        ctx.respond = false;
        ctx.res.writeHead(201, { "Set-Cookie": "mine=1" });
        ctx.res.end("raw");
      });
      const answer = await (await serve(app)).browser().get("/");
      expect(answer).toMatchObject({ status: 201, body: "raw", cookies: { length: 2 } });
    });

    test("a failed commit is told to the application once, and is Koa's own 500", async () => {
      const { store, table } = kind.open();
      if (table) table.writes = "failing";
      const sessions = newSessions(store);
      const told: string[] = [];
      const app = new Koa();
      app.on("error", (error) => told.push(codeOf(error)));
      app.use(session(sessions)).use((ctx) => {
        ctx.session.put("text", table ? "x" : "x".repeat(5000));
        ctx.set("X-Handler", "1");
        ctx.body = "the handler's";
      });
      const answer = await (await serve(app)).browser().get("/");
      expect(answer).toMatchObject({ status: 500, body: "Internal Server Error", cookies: [] });
      expect(answer.headers).not.toHaveProperty("x-handler");
      expect(told).toEqual([table ? "ERR_SESSION_STORE" : "ERR_SESSION_COOKIE_OVERFLOW"]);
    });
  });

  test("a name that another middleware has taken is refused", async () => {
    const told = vi.fn<(error: unknown) => void>();
    const app = new Koa();
    app.on("error", told);
    app.use((ctx, next) => {
      ctx["session"] = "theirs";
      return next();
    });
    app.use(session(newSessions()));
    expect((await (await serve(app)).browser().get("/")).status).toBe(500);
    expect(told.mock.calls.map(([error]) => codeOf(error))).toEqual(["ERR_SESSION_CONFIG"]);
  });
});
