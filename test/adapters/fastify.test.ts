import fastify from "fastify";
import type { FastifyInstance, FastifyServerOptions } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { session } from "../../src/adapters/fastify.ts";
import { newSessions } from "../contracts/hosts/sessions.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import { codeOf, start, thrownBy } from "../contracts/hosts/world.ts";
import type { Served } from "../contracts/hosts/world.ts";

function create(options?: FastifyServerOptions): FastifyInstance {
  const app = fastify(options);
  onTestFinished(() => app.close());
  return app;
}

async function serve(app: FastifyInstance): Promise<Served> {
  await app.ready();
  return start(app.server);
}

/** `request.session`, which in this program is typed as another library's. */
const sessionIn = (request: object): unknown => Reflect.get(request, "session");

/** The code that starting the application fails with. */
async function refusal(app: FastifyInstance): Promise<string> {
  return Promise.resolve(app.ready()).then(() => "nothing", codeOf);
}

describe("the Fastify plugin", () => {
  test("the plugin follows Fastify's conventions: it has a name, and belongs to the context that registers it", async () => {
    const sessions = newSessions();
    const app = create();
    await app.register(session, { sessions });
    expect(app.hasPlugin("sojourn")).toBe(true);
    expect(app.printPlugins()).toContain("sojourn");
    expect(app.hasRequestDecorator("session")).toBe(true);
  });

  test("the plugin reaches the context that registers it and those below, and no other", async () => {
    const sessions = newSessions();
    const app = create();
    const seen = (request: object): string =>
      `${thrownBy(() => sessions.getSession(request as never, "n"))} ${typeof sessionIn(request)}`;
    await app.register(async (inner) => {
      await inner.register(session, { sessions });
      inner.get("/inner", async (request) => seen(request));
      await inner.register(async (below) => {
        below.get("/below", async (request) => seen(request));
      });
    });
    app.get("/outer", async (request) => seen(request));
    const { browser } = await serve(app);
    expect((await browser().get("/inner")).body).toBe("nothing object");
    expect((await browser().get("/below")).body).toBe("nothing object");
    expect((await browser().get("/outer")).body).toBe("ERR_SESSION_NOT_FETCHED undefined");
  });

  test("the plugin refuses a name that is taken when it is registered", async () => {
    const theirs = create();
    theirs.decorateRequest("session", null);
    void theirs.register(session, { sessions: newSessions() });
    expect(await refusal(theirs)).toBe("ERR_SESSION_CONFIG");

    const twice = create();
    void twice.register(session, { sessions: newSessions() });
    void twice.register(session, { sessions: newSessions() });
    expect(await refusal(twice)).toBe("ERR_SESSION_CONFIG");

    const own = create();
    void own.register(session, { sessions: newSessions(), as: "body" });
    expect(await refusal(own)).toBe("ERR_SESSION_CONFIG");
  });

  test("the plugin takes the same sessions again, under another name", async () => {
    const sessions = newSessions();
    const app = create();
    await app.register(session, { sessions });
    await app.register(session, { sessions });
    await app.register(session, { sessions: newSessions(), as: "admin" });
    expect(await refusal(app)).toBe("nothing");
  });

  test("the plugin refuses options that it does not know, but not those of register", async () => {
    const app = create();
    void app.register(session, { sessions: newSessions(), cookieName: "sid" } as never);
    expect(await refusal(app)).toBe("ERR_SESSION_CONFIG");

    const without = create();
    void without.register(session, {} as never);
    expect(await refusal(without)).toBe("ERR_SESSION_CONFIG");

    const prefixed = create();
    void prefixed.register(session, { sessions: newSessions(), prefix: "/a", logLevel: "warn" });
    expect(await refusal(prefixed)).toBe("nothing");
  });
});

test("request.session is the session, and an assignment to it throws", async () => {
  const sessions = newSessions();
  const app = create();
  await app.register(session, { sessions });
  app.get("/", async (request) => [
    sessionIn(request) === sessions.of(request),
    thrownBy(() => Reflect.set(request, "session", null)),
    thrownBy(() => Object.assign(sessions.of(request), { user_id: "s1" })),
  ]);
  const answer = await (await serve(app)).browser().get("/");
  expect(answer.body).toBe('[true,"ERR_SESSION_USE","ERR_SESSION_USE"]');
  expect(answer.cookies).toEqual([]);
});

test("the helpers take request.raw as well", async () => {
  const sessions = newSessions();
  const app = create();
  await app.register(session, { sessions });
  app.get("/", async (request) => {
    sessions.putSession(request.raw, "user", "ada");
    return sessions.getSession(request, "user");
  });
  const answer = await (await serve(app)).browser().get("/");
  expect(answer).toMatchObject({ body: "ada", cookies: { length: 1 } });
});

describe.each(storeKinds)("Fastify with $name", (kind) => {
  test("app.inject gives the cookie and takes it back", async () => {
    const sessions = newSessions(kind.open().store, "sid");
    const app = create();
    await app.register(session, { sessions });
    app.get("/put", async (request) => {
      sessions.putSession(request, "user", "ada");
      return "put";
    });
    app.get("/", async (request) => ({ user: sessions.getSession(request, "user") }));
    const put = await app.inject("/put");
    const [cookie] = put.cookies;
    expect(cookie).toMatchObject({ name: "sid", httpOnly: true, secure: true, sameSite: "Lax" });
    const got = await app.inject({ url: "/", cookies: { sid: cookie?.value ?? "" } });
    expect(got.json()).toEqual({ user: "ada" });
  });

  test.each([
    ["reply.raw", false],
    ["reply.hijack()", true],
  ])(
    "an answer that is written past Fastify with %s carries the cookie",
    async (_title, hijack) => {
      const sessions = newSessions(kind.open().store);
      const app = create();
      await app.register(session, { sessions });
      app.get("/", (request, reply) => {
        sessions.putSession(request, "user", "ada");
        if (hijack) reply.hijack();
        reply.raw.writeHead(201, { "Set-Cookie": "mine=1" });
        reply.raw.end("raw");
      });
      const answer = await (await serve(app)).browser().get("/");
      expect(answer).toMatchObject({ status: 201, body: "raw", cookies: { length: 2 } });
    },
  );

  test("a put in an onSend hook is kept, and a payload of any kind carries the cookie", async () => {
    const sessions = newSessions(kind.open().store);
    const app = create();
    await app.register(session, { sessions });
    app.addHook("onSend", async (request, _reply, payload) => {
      if (request.url !== "/read") sessions.updateSession(request, "n", (n = 0) => n + 1);
      return payload;
    });
    app.get("/response", async () => new Response("web", { headers: { "Set-Cookie": "mine=1" } }));
    app.get("/buffer", async () => Buffer.from("bytes"));
    app.get("/read", async (request) => ({ n: sessions.getSession(request, "n") }));
    const browser = (await serve(app)).browser();
    expect((await browser.get("/response")).cookies).toHaveLength(2);
    expect((await browser.get("/buffer")).body).toBe("bytes");
    expect((await browser.get("/read")).body).toBe('{"n":2}');
  });

  /** An application whose commit fails, and all that was told of it. */
  async function failing() {
    const { store, table } = kind.open();
    if (table) table.writes = "failing";
    const sessions = newSessions(store);
    const app = create();
    const told: string[] = [];
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("Access-Control-Allow-Origin", "*");
    });
    await app.register(session, { sessions });
    app.addHook("onError", async (_request, _reply, error) => {
      told.push(`hook ${codeOf(error)}`);
    });
    const text = table ? "x" : "x".repeat(5000);
    return {
      app,
      told,
      put: (request: object) => sessions.putSession(request as never, "text", text),
    };
  }
  const code = kind.table === "none" ? "ERR_SESSION_COOKIE_OVERFLOW" : "ERR_SESSION_STORE";

  test("a failed commit takes Fastify's error path once, without the handler's headers", async () => {
    const { app, told, put } = await failing();
    app.setErrorHandler((error, _request, reply) => {
      told.push(`handler ${codeOf(error)}`);
      void reply.status(500).send({ code: codeOf(error) });
    });
    app.get("/", async (request, reply) => {
      put(request);
      return reply.status(201).header("X-Handler", "1").type("text/handler").send("the handler's");
    });
    const answer = await (await serve(app)).browser().get("/");
    expect(answer).toMatchObject({ status: 500, body: `{"code":"${code}"}`, cookies: [] });
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": "*",
      "content-type": "application/json; charset=utf-8",
    });
    expect(answer.headers).not.toHaveProperty("x-handler");
    expect(told).toEqual([`hook ${code}`, `handler ${code}`]);
  });

  test("a failed commit without an error handler is Fastify's own 500", async () => {
    const { app, put } = await failing();
    app.get("/", async (request, reply) => {
      put(request);
      return reply.status(201).send("the handler's");
    });
    const answer = await (await serve(app)).browser().get("/");
    expect(JSON.parse(answer.body)).toMatchObject({ statusCode: 500, code });
  });

  test("a failed commit after reply.hijack() is a bare 500, and is logged", async () => {
    const lines: string[] = [];
    const { store, table } = kind.open();
    if (table) table.writes = "failing";
    const sessions = newSessions(store);
    const app = create({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
    await app.register(session, { sessions });
    app.get("/", (request, reply) => {
      sessions.putSession(request, "text", table ? "x" : "x".repeat(5000));
      reply.hijack();
      reply.raw.writeHead(201, { "X-Handler": "1" }).end("raw");
    });
    const answer = await (await serve(app)).browser().get("/");
    expect(answer).toMatchObject({ status: 500, body: "", cookies: [] });
    expect(answer.headers).not.toHaveProperty("x-handler");
    expect(lines.filter((line) => line.includes(code))).toHaveLength(1);
  });
});
