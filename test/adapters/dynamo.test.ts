/** The layer itself: application, router, connection. What it does with sessions: test/dynamo/behaviour.test.ts. */
import { randomBytes } from "node:crypto";
import { DynamoDB, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { describe, expect, it } from "vitest";
import { createDynamo, createRouter, createTable, Session } from "../../src/adapters/dynamo.ts";
import { lasting } from "../support/tables/lasting.ts";
import type { Config, Router } from "../../src/adapters/dynamo.ts";
import { session } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { Browser } from "../dynamo/browser.ts";
import type { Answer } from "../dynamo/browser.ts";
import { codeOf, codeThrown, useDynamo, useServers } from "../dynamo/server.ts";
import type { Data } from "../dynamo/server.ts";

const secret = randomBytes(32).toString("base64url");
const config: Config<Data> = {
  sessionStore: Session.CookieStore,
  sessionOptions: { key: "k", secret },
};

const json = { "content-type": "application/json; charset=utf-8" };

const start = useServers();
const run = useDynamo();

describe("createDynamo", () => {
  it("createDynamo takes a store that is made already", () => {
    const store = tableStore({ table: createTable() });
    const dynamo = createDynamo({ sessionStore: store, sessionOptions: { key: "k" } });
    expect(dynamo.getSession).toBeTypeOf("function");
  });

  it("createDynamo passes every other option on to createSessions, which refuses what it does not know", () => {
    const make = (options: object): unknown =>
      createDynamo({
        sessionStore: Session.CookieStore,
        sessionOptions: { key: "k", secret, ...options },
      });
    expect(
      make({ lifetime: { idle: 60 }, renewGrace: 5, subject: "id", path: "/a" }),
    ).toBeDefined();
    expect(codeThrown(() => make({ maxAge: 60 }))).toBe("ERR_SESSION_CONFIG");
    expect(codeThrown(() => make({ table: "t" }))).toBe("ERR_SESSION_CONFIG");
  });

  it("createDynamo passes all options of its store on to the store", async () => {
    const revocations = lasting();
    const revocable = createDynamo<{ user: string }>({
      sessionStore: Session.CookieStore,
      sessionOptions: { key: "k", secret, revocations, staleness: 5, subject: "user" },
    });
    await expect(revocable.revoke("ann")).resolves.toBeUndefined();

    const rows: string[] = [];
    const memory = createTable();
    const table: typeof memory = {
      get: (key) => memory.get(key),
      insert(key, row, now) {
        rows.push(row.value);
        return memory.insert(key, row, now);
      },
      replace: (key, version, row, now) => memory.replace(key, version, row, now),
      touch: (key, version, expiresAt, now) => memory.touch(key, version, expiresAt, now),
      delete: (key, version) => memory.delete(key, version),
    };
    const store = { table, secret, timeout: 1 };
    for (const options of [store, { ...store, seal: false }]) {
      const { open } = createDynamo<{ user: string }>({
        sessionStore: Session.ETSStore,
        sessionOptions: { key: "k", ...options },
      });
      const { session, commit } = await open({});
      session.put("user", "ann");
      await commit();
    }
    expect(rows.map((text) => text.includes("ann"))).toEqual([false, true]);
    const unset = { key: "k", table, secret: undefined };
    expect(
      codeThrown(() => createDynamo({ sessionStore: Session.ETSStore, sessionOptions: unset })),
    ).toBe("ERR_SESSION_CONFIG");
  });

  it.each([
    ["nothing", undefined],
    ["no store", { sessionOptions: { key: "k" } }],
    ["no options", { sessionStore: Session.CookieStore }],
    ["a misspelt store", { sessionStore: "RedisStore", sessionOptions: { key: "k" } }],
    ["an unknown line", { ...config, endpoint: createRouter() }],
  ])("createDynamo refuses a configuration with %s", (_, broken) => {
    expect(codeThrown(() => createDynamo(broken as never))).toBe("ERR_SESSION_CONFIG");
  });

  it("createDynamo refuses a client of Amazon DynamoDB, and names the entry that takes one", () => {
    const clients = [new DynamoDB({ region: "a" }), new DynamoDBClient({ region: "a" })];
    for (const client of clients) {
      const table = { sessionStore: Session.ETSStore, sessionOptions: { key: "k", table: client } };
      const store = { sessionStore: client, sessionOptions: { key: "k" } };
      for (const broken of [client, table, store]) {
        expect(() => createDynamo(broken as never)).toThrow(
          expect.objectContaining({
            code: "ERR_SESSION_CONFIG",
            message: expect.stringContaining("sojourn/dynamodb") as string,
          }),
        );
      }
    }
  });

  it("createDynamo refuses an endpoint and a forward that is no router", () => {
    const { endpoint } = createDynamo(config);
    expect(codeThrown(() => endpoint(new Hono() as never))).toBe("ERR_SESSION_CONFIG");
    const router = createRouter().forward("/a", {} as Router);
    expect(codeThrown(() => endpoint(router))).toBe("ERR_SESSION_CONFIG");
  });

  it("the helpers are typed by the data and by the store", () => {
    const { getSession, putSession } = createDynamo<{ user_id: string }>({
      sessionStore: Session.CookieStore,
      sessionOptions: { key: "k", secret, subject: "user_id" },
    });
    createRouter().get("/", (conn) => {
      putSession(conn, "user_id", "a");
      // @ts-expect-error: a number is no user_id
      putSession(conn, "user_id", 1);
      // @ts-expect-error: there is no such key
      getSession(conn, "users_id");
      // @ts-expect-error: Hono's request is not the connection
      getSession(conn.req);
      return conn.send(200, getSession(conn, "user_id") ?? null);
    });
    const wrong = (): void => {
      // @ts-expect-error: the ETS store has no secret
      createDynamo({ sessionStore: Session.ETSStore, sessionOptions: { key: "k", secret } });
      // @ts-expect-error: the cookie store has no table
      createDynamo({ sessionStore: Session.CookieStore, sessionOptions: { key: "k", table: "t" } });
      // @ts-expect-error: nothing is called so
      createDynamo({ sessionStore: Session.CookyStore, sessionOptions: { key: "k", secret } });
    };
    expect(wrong).toThrow();
  });

  it("a request may also have the sessions of another middleware", async () => {
    const admin = createSessions<{ level: number }>({
      store: cookieStore({ secret }),
      key: "admin",
    });
    const dynamo = createDynamo<Data>(config);
    const router = createRouter().prepare((conn) => conn.fetch("session"));
    router.get("/", (conn) => {
      dynamo.putSession(conn, "a", 1);
      admin.putSession(conn, "level", 9);
      return conn.send(200, JSON.stringify([dynamo.getSession(conn), admin.getSession(conn)]));
    });
    const outer = new Hono().use(session(admin, { as: "admin" }));
    outer.route("/", dynamo.endpoint(router));
    const { body, setCookie } = await new Browser(await start(outer)).send("GET", "/");
    expect(body).toBe('[{"a":1},{"level":9}]');
    expect(setCookie.map((line) => line.split("=")[0])).toEqual(["k", "admin"]);
  });
});

describe("a router", () => {
  it("a router routes by method and path, and answers 404 for the rest", async () => {
    const { browser } = await run(config, (router) => {
      for (const method of ["get", "post", "put", "patch", "delete", "options"] as const) {
        router[method]("/here", (conn) => conn.send(200, `${method} ${conn.method} ${conn.path}`));
      }
      router.match("/any/*", (conn) => conn.send(200, conn.path));
    });
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const { body } = await browser().send(method, "/here");
      expect(body).toBe(`${method.toLowerCase()} ${method} /here`);
    }
    expect(await browser().send("GET", "/here/")).toMatchObject({ status: 200 });
    expect(await browser().send("HEAD", "/here")).toMatchObject({ status: 200, body: "" });
    expect(await browser().send("DELETE", "/any/a/b")).toMatchObject({ body: "/any/a/b" });
    expect(await browser().send("GET", "/nowhere")).toMatchObject({ status: 404 });
  });

  it("a router runs its hooks before its routes, in their order, wherever they were added", async () => {
    const ran: string[] = [];
    const { browser } = await run(config, (router) => {
      router.get("/", (conn) => {
        ran.push("route");
        return conn.send(204);
      });
      router.prepare(() => ran.push("first"));
      router.prepare(async () => {
        await Promise.resolve();
        ran.push("second");
      });
    });
    await browser().send("GET", "/");
    expect(ran).toEqual(["first", "second", "route"]);
  });

  it("a router stops at a hook that answers", async () => {
    const { browser } = await run(config, (router, { getSession, putSession }) => {
      router.prepare((conn) => {
        if (getSession(conn, "user") === undefined && conn.path !== "/login")
          conn.redirect("/login");
      });
      router.get("/login", (conn) => {
        putSession(conn, "user", 1);
        return conn.send(204);
      });
      router.get("/", (conn) => conn.send(200, "inside"));
    });
    const visitor = browser();
    expect(await visitor.send("GET", "/")).toMatchObject({ status: 302, location: "/login" });
    await visitor.send("GET", "/login");
    expect(await visitor.send("GET", "/")).toMatchObject({ status: 200, body: "inside" });
  });

  it("a router forwards what is below a prefix, with both routers' hooks", async () => {
    const ran: string[] = [];
    const posts = createRouter()
      .prepare(() => ran.push("posts"))
      .get("/:id", (conn) => conn.send(200, JSON.stringify(conn.params)));
    const { browser } = await run(config, (router) => {
      router.prepare(() => ran.push("outer"));
      router.forward("/users/:user/posts", posts);
      router.get("/", (conn) => conn.send(204));
    });
    const { body } = await browser().send("GET", "/users/7/posts/3");
    expect(JSON.parse(body)).toEqual({ user: "7", id: "3" });
    expect(ran).toEqual(["outer", "posts"]);
    await browser().send("GET", "/");
    expect(ran).toEqual(["outer", "posts", "outer"]);
  });

  it("a router reports a route that does not answer, and one that answers twice", async () => {
    const { browser, errors } = await run(config, (router) => {
      router.get("/never", (conn) => conn);
      router.get("/twice", (conn) => conn.send(200, "one").send(200, "two"));
    });
    expect(await browser().send("GET", "/never")).toMatchObject({ status: 500 });
    expect(await browser().send("GET", "/twice")).toMatchObject({ status: 500 });
    expect(errors.map(codeOf)).toEqual(["ERR_SESSION_USE", "ERR_SESSION_USE"]);
  });

  it("a router hands what a route throws to the application's onError", async () => {
    const mistake = new Error("mistake");
    const { browser, errors } = await run(config, (router) => {
      router.get("/", () => Promise.reject(mistake));
    });
    expect(await browser().send("GET", "/")).toMatchObject({ status: 500 });
    expect(errors).toEqual([mistake]);
  });
});

describe("the parameters of a connection", () => {
  const show = (router: Router): void => {
    router.match("/show", (conn) => conn.send(200, JSON.stringify(conn.params)));
    router.match("/show/:id", (conn) => conn.send(200, JSON.stringify(conn.params)));
  };
  const form = { "content-type": "application/x-www-form-urlencoded" };

  it("params come from query, body and route, and the later of these win", async () => {
    const { browser } = await run(config, show);
    const both = await browser().send("POST", "/show/route?id=query&a=query&b=query", {
      headers: form,
      body: "id=body&a=body&c=%C3%A9+1",
    });
    expect(JSON.parse(both.body)).toEqual({ id: "route", a: "body", b: "query", c: "é 1" });
  });

  it("params take the last value of a name that comes twice", async () => {
    const { browser } = await run(config, show);
    const { body } = await browser().send("POST", "/show?a=1&a=2", {
      headers: form,
      body: "b=1&b=2",
    });
    expect(JSON.parse(body)).toEqual({ a: "2", b: "2" });
  });

  it("params are read from JSON with its types, and from multipart", async () => {
    const { browser } = await run(config, show);
    const typed = await browser().send("PUT", "/show", {
      headers: json,
      body: '{"a":[1,{"b":null}]}',
    });
    expect(JSON.parse(typed.body)).toEqual({ a: [1, { b: null }] });
    const body = new FormData();
    body.set("name", "value");
    expect((await browser().send("POST", "/show", { body })).body).toBe('{"name":"value"}');
  });

  it("params leave a body that has no names to the route", async () => {
    const { browser } = await run(config, show);
    for (const body of ["[1]", "null", '"text"']) {
      expect((await browser().send("POST", "/show", { headers: json, body })).body).toBe("{}");
    }
    const text = await browser().send("POST", "/show", { body: "a=1" });
    expect(text).toMatchObject({ status: 200, body: "{}" });
  });

  it("params are data, even under the names of an object's own parts", async () => {
    const { browser } = await run(config, (router) => {
      router.match("/", (conn) => {
        expect(Object.getPrototypeOf(conn.params)).toBe(null);
        return conn.send(200, JSON.stringify(Object.entries(conn.params)));
      });
    });
    const body = '{"__proto__":{"admin":true},"constructor":1}';
    const answer = await browser().send("POST", "/?toString=2", { headers: json, body });
    expect(JSON.parse(answer.body)).toEqual([
      ["toString", "2"],
      ["__proto__", { admin: true }],
      ["constructor", 1],
    ]);
    expect(({} as { admin?: true }).admin).toBeUndefined();
  });

  it("a malformed body is answered with 400, and one that is too long with 413", async () => {
    const { app, browser } = await run(config, show);
    app.onError((error, c) =>
      error instanceof HTTPException ? error.getResponse() : c.text("", 500),
    );
    const post = async (headers: Record<string, string>, body: string): Promise<number> =>
      (await browser().send("POST", "/show", { headers, body })).status;
    expect(await post(json, '{"a":')).toBe(400);
    expect(await post({ "content-type": "multipart/form-data; boundary=x" }, "--y")).toBe(400);
    expect(await post(form, `a=${"x".repeat(8_000_000)}`)).toBe(413);
    expect(await post(form, `a=${"x".repeat(1000)}`)).toBe(200);
  });

  it("a body that comes in pieces is counted", async () => {
    const { app, browser } = await run(config, show);
    app.onError((error, c) =>
      error instanceof HTTPException ? error.getResponse() : c.text("", 500),
    );
    const pieces = (count: number): RequestInit => ({
      headers: form,
      body: new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("a="));
          for (let i = 0; i < count; i++) controller.enqueue(new Uint8Array(100_000).fill(0x61));
          controller.close();
        },
      }),
      duplex: "half",
    });
    expect(await browser().send("POST", "/show", pieces(90))).toMatchObject({ status: 413 });
    const short = await browser().send("POST", "/show", pieces(1));
    expect(short.body).toHaveLength('{"a":""}'.length + 100_000);
  });

  it("params are read once, however often they are fetched", async () => {
    const { browser } = await run(config, (router) => {
      router.prepare((conn) =>
        Promise.all([conn.fetch("params"), conn.fetch(["params", "params"])]),
      );
      router.post("/", (conn) => conn.send(200, String(conn.params["a"])));
    });
    const inPieces: RequestInit = {
      headers: form,
      body: new Blob(["a=1"]).stream(),
      duplex: "half",
    };
    expect((await browser().send("POST", "/", inPieces)).body).toBe("1");
    expect((await browser().send("POST", "/", { headers: form, body: "a=2" })).body).toBe("2");
  });

  it("the first of two fetches at once reads the params", async () => {
    const dynamo = createDynamo<Data>(config);
    const router = createRouter().post("/", async (conn) => {
      await Promise.all([conn.fetch("params"), conn.fetch("params")]);
      return conn.send(200, String(conn.params["a"]));
    });
    const browser = new Browser(await start(dynamo.endpoint(router)));
    const inPieces: RequestInit = {
      headers: form,
      body: new Blob(["a=1"]).stream(),
      duplex: "half",
    };
    expect(await browser.send("POST", "/", inPieces)).toMatchObject({ status: 200, body: "1" });
  });
});

describe("the cookies of a connection", () => {
  it("cookies are the request's, and the first of a name counts", async () => {
    const { browser } = await run(config, (router) => {
      router.get("/", (conn) => conn.send(200, JSON.stringify(conn.cookies)));
    });
    const { body } = await browser().send("GET", "/", { cookie: "a=1; b=%20x; a=2" });
    expect(JSON.parse(body)).toEqual({ a: "1", b: " x" });
  });

  it("cookies that are put stand beside the session's, HttpOnly by default, the last of a name only", async () => {
    const { browser } = await run(config, (router, { putSession }) => {
      router.get("/put", (conn) => {
        putSession(conn, "a", 1);
        conn.putRespCookie("theme", "light").putRespCookie("theme", "dark; x");
        return conn.putRespCookie("open", "1", { httpOnly: false, path: "/put" }).send(204);
      });
      router.get("/delete", (conn) => conn.deleteRespCookie("theme").send(204));
    });
    const visitor = browser();
    const { setCookie } = await visitor.send("GET", "/put");
    expect(setCookie).toEqual([
      "theme=dark%3B%20x; Path=/; HttpOnly",
      "open=1; Path=/put",
      expect.stringMatching(/^k=/),
    ]);
    await visitor.send("GET", "/delete");
    expect(visitor.cookie("theme")).toBeUndefined();
    expect(visitor.cookie("k")).toBeDefined();
  });
});

describe("the answer of a connection", () => {
  it("an answer is plain text unless the route says otherwise", async () => {
    const { browser } = await run(config, (router) => {
      router.get("/text", (conn) => conn.send(200, "<script>"));
      router.get("/html", (conn) => conn.respContentType("text/html").send(201, "<b>"));
      router.get("/bytes", (conn) => conn.send(200, new Uint8Array([0x61])));
    });
    const text = await browser().send("GET", "/text");
    expect(text.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const html = await browser().send("GET", "/html");
    expect(html).toMatchObject({ status: 201, body: "<b>" });
    expect(html.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await browser().send("GET", "/bytes")).toMatchObject({ body: "a" });
  });

  it("an answer has the headers that were put and not deleted, also after send", async () => {
    const { browser } = await run(config, (router) => {
      router.prepare((conn) => conn.putRespHeader("x-hook", "1").putRespHeader("x-gone", "1"));
      router.get("/", (conn) => {
        conn.context.header("x-hono", "1");
        return conn.deleteRespHeader("x-gone").send(200, "").putRespHeader("x-late", "1");
      });
    });
    const { headers } = await browser().send("GET", "/");
    const names = ["x-hook", "x-gone", "x-hono", "x-late"];
    expect(names.map((name) => headers.get(name))).toEqual(["1", null, "1", "1"]);
  });

  it("an answer may be empty, and may be a stream", async () => {
    const { browser } = await run(config, (router, { putSession }) => {
      router.get("/empty", (conn) => conn.send(204, ""));
      router.get("/stream", (conn) => {
        putSession(conn, "a", 1);
        return conn.send(200, new Blob(["streamed"]).stream());
      });
    });
    expect(await browser().send("GET", "/empty")).toMatchObject({ status: 204, body: "" });
    const streamed = await browser().send("GET", "/stream");
    expect(streamed).toMatchObject({ status: 200, body: "streamed" });
    expect(streamed.setCookie).toHaveLength(1);
  });

  it("a redirect leads to other alphabets, too, and never into another header", async () => {
    const { browser } = await run(config, (router) => {
      router.post("/to", (conn) => conn.redirect(String(conn.params["url"]), 303));
    });
    const to = (url: string): Promise<Answer> =>
      browser().send("POST", "/to", { headers: json, body: JSON.stringify({ url }) });
    expect(await to("/a%20b?c=d#e")).toMatchObject({ status: 303, location: "/a%20b?c=d#e" });
    expect(await to("/a%20/日 本")).toMatchObject({ location: "/a%20/%E6%97%A5%20%E6%9C%AC" });
    expect(await to("/\ud800")).toMatchObject({ status: 303, location: "/%EF%BF%BD" });
    const split = await to("/a\r\nSet-Cookie: b=c");
    expect(split).toMatchObject({ location: "/a%0D%0ASet-Cookie:%20b=c", setCookie: [] });
  });
});
