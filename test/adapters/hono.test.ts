import type { Server } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { stream } from "hono/streaming";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { session } from "../../src/adapters/hono.ts";
import { newSessions, openSessions } from "../contracts/hosts/sessions.ts";
import type { Opened } from "../contracts/hosts/sessions.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import { codeOf, freshKey, listenTo, start, thrownBy } from "../contracts/hosts/world.ts";
import type { Served } from "../contracts/hosts/world.ts";

function serve(app: { readonly fetch: Hono["fetch"] }): Promise<Served> {
  const server: Server = createAdaptorServer({ fetch: app.fetch });
  return start(server);
}

describe.each(storeKinds)("Hono with $name", (kind) => {
  const open = (): Opened => openSessions(kind);

  test("the session is c.var's, and the helpers find it by the context or its request", async () => {
    const { sessions } = open();
    const app = new Hono().use(session(sessions)).get("/", (c) => {
      c.var.session.put("user", "ada");
      const found = [c.get("session"), sessions.of(c), sessions.of(c.req.raw)];
      return c.json([
        ...found.map((each) => each === c.var.session),
        sessions.getSession(c, "user"),
      ]);
    });
    expect((await (await serve(app)).browser().get("/")).body).toBe('[true,true,true,"ada"]');
  });

  test("a response whose headers cannot be changed carries the cookie", async () => {
    const { sessions } = open();
    const app = new Hono().use(session(sessions));
    app.get("/put", (c) => {
      c.var.session.put("user", "ada");
      return Response.redirect("http://localhost/there", 303);
    });
    app.get("/fetched", (c) => {
      c.var.session.put("user", "ada");
      return fetch("data:text/plain,fetched");
    });
    const { browser } = await serve(app);
    const redirect = await browser().get("/put");
    expect(redirect).toMatchObject({
      status: 303,
      headers: { location: "http://localhost/there" },
    });
    expect(redirect.cookies).toHaveLength(1);
    const fetched = await browser().get("/fetched");
    expect(fetched.body).toBe("fetched");
    expect(fetched.cookies).toHaveLength(1);
  });

  test("a stream begins before the commit and is sent after it", async () => {
    const { sessions } = open();
    const late: string[] = [];
    const app = new Hono().use(session(sessions)).get("/", (c) =>
      stream(c, async (out) => {
        c.var.session.put("user", "ada");
        await out.write("one ");
        await new Promise((done) => setTimeout(done));
        late.push(thrownBy(() => c.var.session.put("n", 1)));
        await out.write("two");
      }),
    );
    const answer = await (await serve(app)).browser().get("/");
    expect(answer.body).toBe("one two");
    expect(answer.cookies).toHaveLength(1);
    expect(late).toEqual(["ERR_SESSION_COMMITTED"]);
  });

  test("a middleware further out sees the answer with the cookie, and may add to it", async () => {
    const { sessions } = open();
    const seen: (string | null)[] = [];
    const app = new Hono();
    app.use(secureHeaders());
    app.use(async (c, next) => {
      c.header("X-Before", "1");
      await next();
      seen.push(c.res.headers.get("set-cookie"));
      c.header("Set-Cookie", "b=2", { append: true });
    });
    app.use(session(sessions));
    app.get("/", (c) => {
      sessions.putSession(c, "user", "ada");
      return c.text("hello");
    });
    const answer = await (await serve(app)).browser().get("/");
    expect(answer.cookies).toHaveLength(2);
    expect(answer.headers).toMatchObject({ "x-before": "1", "x-frame-options": "SAMEORIGIN" });
    expect(seen).toEqual([answer.cookies[0]]);
  });

  test("an HTTPException keeps its own answer, and what was put", async () => {
    const { sessions } = open();
    const app = new Hono().use(session(sessions)).get("/", (c) => {
      c.var.session.put("user", "ada");
      throw new HTTPException(418, { res: new Response("teapot", { status: 418 }) });
    });
    const answer = await (await serve(app)).browser().get("/");
    expect(answer).toMatchObject({ status: 418, body: "teapot" });
    expect(answer.cookies).toHaveLength(1);
  });

  describe("a commit that fails on Hono", () => {
    function failing() {
      const opened = open();
      if (opened.table) opened.table.writes = "failing";
      const text = opened.table ? "x" : "x".repeat(5000);
      const code = opened.table ? "ERR_SESSION_STORE" : "ERR_SESSION_COOKIE_OVERFLOW";
      return { ...opened, text, code };
    }

    test("Hono gives its own answer if the application has none", async () => {
      const spy = vi.spyOn(console, "error").mockImplementation(() => {});
      onTestFinished(() => spy.mockRestore());
      const { sessions, text } = failing();
      const app = new Hono().use(session(sessions)).get("/", (c) => {
        c.var.session.put("text", text);
        c.header("X-Handler", "1");
        return c.json({ secret: "the handler's" }, 201);
      });
      const { browser } = await serve(app);
      const answer = await browser().get("/");
      expect(answer).toMatchObject({ status: 500, body: "Internal Server Error", cookies: [] });
      expect(answer.headers).not.toHaveProperty("x-handler");
      expect(spy).toHaveBeenCalledTimes(1);
      expect((await browser().get("/none")).status).toBe(404);
    });

    test("the status and headers that the handler had set do not reach the error answer", async () => {
      const { sessions, text, code } = failing();
      const app = new Hono().use(session(sessions)).get("/", (c) => {
        c.var.session.put("text", text);
        c.status(201);
        c.header("X-Handler", "1");
        c.header("Set-Cookie", "other=1", { append: true });
        return c.body("the handler's");
      });
      app.onError((error, c) => c.text(codeOf(error)));
      const answer = await (await serve(app)).browser().get("/");
      expect(answer).toMatchObject({ status: 200, body: code, cookies: [] });
      expect(answer.headers).not.toHaveProperty("x-handler");
    });

    test("the onError of the application that has the middleware is asked, once", async () => {
      const { sessions, text, code } = failing();
      const seen: string[] = [];
      const below = new Hono().use(session(sessions)).get("/", (c) => {
        c.var.session.put("text", text);
        return c.text("the handler's");
      });
      below.onError((error, c) => {
        seen.push(codeOf(error));
        return c.text("below", 503);
      });
      const app = new Hono().route("/below", below);
      app.onError((error, c) => {
        seen.push(`above ${codeOf(error)}`);
        return c.text("above", 500);
      });
      const answer = await (await serve(app)).browser().get("/below");
      expect(answer).toMatchObject({ status: 503, body: "below", cookies: [] });
      expect(seen).toEqual([code]);
    });
  });

  test("Hono works without a server, on the platform's own Request and Response", async () => {
    const { sessions } = open();
    const app = new Hono().use(session(sessions)).get("/", (c) => {
      c.var.session.update("n", (n = 0) => n + 1);
      return c.text(String(c.var.session.get("n")));
    });
    const first = await app.request("/");
    const [cookie = ""] = first.headers.getSetCookie();
    const second = await app.request("/", { headers: { Cookie: cookie.split(";")[0] ?? "" } });
    expect(await second.text()).toBe("2");
  });

  test("the request's signal alone tells that a client has gone", async () => {
    const { sessions, calls } = open();
    const abort = new AbortController();
    const app = new Hono().use(session(sessions)).get("/", (c) => {
      c.var.session.put("user", "ada");
      abort.abort();
      return c.text("nobody hears");
    });
    const answer = await app.request("/", { signal: abort.signal });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(calls.create).toBe(0);
  });
});

test("L19: https is secure, and plain http is not, from this machine neither", async () => {
  const put = async (url: string): Promise<readonly string[]> => {
    const key = freshKey();
    const events = listenTo(key);
    const sessions = newSessions(undefined, key);
    const app = new Hono().use(session(sessions)).get("/", (c) => {
      c.var.session.put("user", "ada");
      return c.text("");
    });
    await app.request(url);
    return events.filter((event) => event.startsWith("drop-cookie"));
  };
  expect(await put("https://shop.example/")).toEqual([]);
  expect(await put("http://localhost:3000/")).toEqual(["drop-cookie insecure-transport"]);
  expect(await put("http://shop.example/")).toEqual(["drop-cookie insecure-transport"]);
});
