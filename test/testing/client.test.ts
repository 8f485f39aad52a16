import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as honoSession } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionOptions } from "../../src/core/options/session-options.ts";
import type { Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { testClient } from "../../src/testing/client.ts";
import { testClock } from "../../src/testing/clock.ts";
import { cookieFor } from "../../src/testing/sign-in.ts";
import type { TestTarget } from "../../src/testing/target.ts";
import { AsyncTable } from "../support/tables/async-table.ts";
import { STORES } from "../support/stores.ts";

interface Data {
  user_id: string;
  since: Date;
}

const U1 = { user_id: "u1" };

function makeSessions(options: Partial<SessionOptions<Data>> = {}): Sessions<Data> {
  return createSessions<Data>({
    store: tableStore({ table: createTable() }),
    key: "session",
    ...options,
  });
}

/** Says who asks, and what was asked. */
function makeApp(sessions: Sessions<Data>): Hono {
  const app = new Hono();
  app.use(honoSession(sessions));
  app.get("/cookies", (c) => c.text(c.req.header("cookie") ?? "none"));
  app.get("/set", (c) => {
    for (const each of c.req.queries("cookie") ?? []) {
      c.header("Set-Cookie", each, { append: true });
    }
    return c.text("set");
  });
  app.all("*", (c) => c.text(`${c.req.method} ${sessions.getSession(c, "user_id") ?? "nobody"}`));
  return app;
}

/** For what an application without types passes. */
const untyped = (value: unknown): never => value as never;

describe.each(STORES)("a client that signs in, with %s", (_, makeStore) => {
  it("the sign-in stores the data and nothing else, and gives the client", async () => {
    const sessions = makeSessions({ store: makeStore() });
    const client = testClient(sessions, makeApp(sessions));
    const data = { user_id: "u1", since: new Date(0) };
    expect(await client.as(data)).toBe(client);
    expect((await client.session()).get()).toEqual(data);
  });

  it("the sign-in ends the session from before", async () => {
    const sessions = makeSessions({ store: makeStore() });
    const client = testClient(sessions, makeApp(sessions));
    await client.as({ user_id: "u1", since: new Date(0) });
    const { handle } = await client.session();
    await client.as({ user_id: "u2" });
    const session = await client.session();
    expect(session.get()).toEqual({ user_id: "u2" });
    expect(session.handle).not.toBe(handle);
    expect(client.cookies()).toHaveLength(1);
  });

  it("the sign-in is for one client, and another one has a jar of its own", async () => {
    const sessions = makeSessions({ store: makeStore() });
    const app = makeApp(sessions);
    const [one, two, nobody] = [1, 2, 3].map(() => testClient(sessions, app));
    await one?.as(U1);
    await two?.as({ user_id: "u2" });
    const answers = [one, two, nobody].map(async (client) => (await client?.fetch("/"))?.text());
    expect(await Promise.all(answers)).toEqual(["GET u1", "GET u2", "GET nobody"]);
  });

  it("cookieFor gives the Cookie header to a test that asks in another way", async () => {
    const sessions = makeSessions({ store: makeStore() });
    const cookie = await cookieFor(sessions, U1);
    expect(cookie).toMatch(/^session=[\w-]+$/);
    const answer = await makeApp(sessions).request("/", { headers: { cookie } });
    expect(await answer.text()).toBe("GET u1");
  });

  it.each([{}, Object.create(null)])("the sign-in needs some data", async (data) => {
    const sessions = makeSessions({ store: makeStore() });
    const client = testClient(sessions, makeApp(sessions));
    await expect(client.as(data)).rejects.toThrow(/at least one key/);
    expect(client.cookieHeader()).toBe("");
  });
});

describe("a sign-in with any store", () => {
  it.each(["canary", undefined, null, 42])(
    "the sign-in needs an object, and not %s",
    async (data) => {
      const sessions = makeSessions();
      const failed = expect.objectContaining({ code: "ERR_SESSION_USE" });
      await expect(cookieFor(sessions, untyped(data))).rejects.toEqual(failed);
      await expect(cookieFor(sessions, untyped(data))).rejects.toThrow(/such as \{ user_id/);
      await expect(cookieFor(sessions, untyped(data))).rejects.not.toThrow(/canary/);
    },
  );

  it("the sign-in fails as put does for a value that cannot be stored", async () => {
    const client = testClient(makeSessions(), makeApp(makeSessions()));
    const failed = expect.objectContaining({ code: "ERR_SESSION_NOT_SERIALIZABLE" });
    await expect(client.as({ user_id: untyped(() => "u1") })).rejects.toEqual(failed);
    await expect(client.as({ user_id: untyped(undefined) })).rejects.toEqual(failed);
  });

  it("the sign-in leaves no session of the client behind in the table", async () => {
    const sessions = makeSessions();
    const client = await testClient(sessions, makeApp(sessions)).as(U1);
    const before = client.cookieHeader();
    await client.as(U1);
    expect((await sessions.read({ cookie: before })).get()).toEqual({});
  });

  it("the sign-in fails if the store does", async () => {
    const table = new AsyncTable(createTable());
    const down = Object.assign(table, { insert: () => Promise.reject(new Error("down")) });
    const sessions = makeSessions({ store: tableStore({ table: down }) });
    await expect(cookieFor(sessions, U1)).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
  });

  it("the sign-in accepts only the data's type", () => {
    const client = testClient(makeSessions(), makeApp(makeSessions()));
    const mistakes = (): unknown => [
      // @ts-expect-error a user's id is text
      client.as({ user_id: 1 }),
      // @ts-expect-error no such key
      client.as({ user: "u1" }),
      // @ts-expect-error as above
      cookieFor(makeSessions(), { user: "u1" }),
      // @ts-expect-error a Fetch handler is given as { fetch: handler }
      testClient(makeSessions(), async (_request: Request) => new Response()),
      // @ts-expect-error redirects are not followed
      client.fetch("/", { redirect: "follow" }),
    ];
    expect(mistakes).toBeTypeOf("function");
  });
});

describe("a test that reads the session", () => {
  it("the read gives what is stored, and cannot write", async () => {
    const sessions = makeSessions();
    const client = await testClient(sessions, makeApp(sessions)).as(U1);
    const session = await client.session();
    expect(session.get("user_id")).toBe("u1");
    expect(() => session.put("user_id", "u2")).toThrow(/only be read/);
  });

  it("the read does not keep the session alive", async () => {
    const clock = testClock();
    const sessions = makeSessions({ now: clock.now, lifetime: { idle: 60 } });
    const client = await testClient(sessions, makeApp(sessions)).as(U1);
    clock.advance(59);
    expect((await client.session()).get()).toEqual(U1);
    clock.advance(1);
    expect((await client.session()).get()).toEqual({});
  });

  it("the read also finds the session below a path", async () => {
    const sessions = makeSessions({ path: "/admin" });
    const client = await testClient(sessions, makeApp(sessions)).as(U1);
    expect((await client.session()).get()).toEqual(U1);
    expect(client.cookieHeader()).toBe("");
    expect(client.cookieHeader("/admin")).toMatch(/^session=/);
    expect(await (await client.fetch("/")).text()).toBe("GET nobody");
    expect(await (await client.fetch("/admin/users?a=1")).text()).toBe("GET u1");
  });
});

describe("a request of a test client", () => {
  it("the request carries the cookies of the application's other parts, and those of its own headers", async () => {
    const sessions = makeSessions();
    const client = testClient(sessions, makeApp(sessions));
    await client.fetch("/set?cookie=theme%3Ddark%3B%20Path%3D/&cookie=a%3D1%3B%20Path%3D/set");
    const headers = { cookie: "own=2" };
    const answer = await client.fetch("/cookies", { headers });
    expect(await answer.text()).toBe("theme=dark; own=2");
  });

  it("the request fails if its answer sets a cookie that browsers drop", async () => {
    const sessions = makeSessions();
    const client = testClient(sessions, makeApp(sessions));
    await expect(client.fetch("/set?cookie=__Host-a%3D1")).rejects.toMatchObject({
      code: "ERR_SESSION_CONFIG",
      message: expect.stringContaining('/set set the cookie "__Host-a", which browsers drop'),
    });
  });

  it.each([
    "https://localhost/",
    "http://example.com/",
    "//example.com/",
    new URL("http://a.localhost/"),
  ])("the request goes to its own host only, and not to %s", async (path) => {
    const sessions = makeSessions();
    const client = await testClient(sessions, makeApp(sessions)).as(U1);
    await expect(client.fetch(path)).rejects.toThrow(/cookies are for http:\/\/localhost/);
  });

  it("the request does not follow redirects, and says so if it is asked to", async () => {
    const client = testClient(makeSessions(), makeApp(makeSessions()));
    await expect(client.fetch("/", { redirect: untyped("follow") })).rejects.toThrow(/Location/);
  });

  it("the request needs an answer", async () => {
    const client = testClient(makeSessions(), { fetch: () => untyped(undefined) });
    await expect(client.fetch("/x")).rejects.toThrow("/x was answered with no Response");
  });
});

describe("the cookies for a browser", () => {
  it("the cookies are what the tools of browsers take", async () => {
    const clock = testClock();
    const options = { now: clock.now, lifetime: { absolute: 3600 }, sameSite: "strict" } as const;
    const sessions = makeSessions({ ...options, persist: true });
    const client = await testClient(sessions, "https://app.example.com:8443/x/").as(U1);
    const [, value] = client.cookieHeader().split("=");
    expect(client.cookies()).toEqual([
      {
        name: "session",
        value,
        domain: "app.example.com",
        path: "/",
        expires: clock.now() / 1000 + 3600,
        httpOnly: true,
        secure: true,
        sameSite: "Strict",
      },
    ]);
  });

  it("the cookies end with the browser, and have the domain that was configured", async () => {
    const sessions = makeSessions({ domain: "example.com", secure: false });
    const client = await testClient(sessions, makeApp(sessions)).as(U1);
    expect(client.cookies()).toMatchObject([
      { domain: ".example.com", expires: -1, secure: false, sameSite: "Lax" },
    ]);
    expect(await (await client.fetch("/")).text()).toBe("GET u1");
  });

  it("the cookies are missing if a browser would drop them", async () => {
    const client = testClient(makeSessions(), "http://app.example.com");
    await expect(client.as(U1)).rejects.toThrow(/plain http from app\.example\.com/);
  });
});

describe("the application that a test client asks", () => {
  afterEach(() => void vi.unstubAllGlobals());

  it("the application may be a server that runs elsewhere, which goes on when the client closes", async () => {
    const sessions = makeSessions();
    const server = createServer(makeExpress(sessions)).listen(0, "localhost");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
    for (const target of [url, new URL(url), server]) {
      const client = await testClient(sessions, target).as(U1);
      expect(await (await client.fetch("/")).text()).toBe("u1");
      await client.close();
      expect(server.listening).toBe(true);
    }
  });

  it("the application is served from the first request until the client closes, and again", async () => {
    const sessions = makeSessions();
    let port = 0;
    const app = express().use((req, res) => {
      port = req.socket.localPort ?? 0;
      res.end();
    });
    const client = testClient(sessions, app);
    for (let times = 0; times < 2; times++) {
      await Promise.all([client.fetch("/"), client.fetch("/")]);
      expect(await status(port)).toBe(200);
      await client.close();
      expect(await status(port)).toBe("ECONNREFUSED");
    }
    await client.close();
  });

  it("the application is asked even if the test has replaced fetch", async () => {
    const sessions = makeSessions();
    vi.stubGlobal("fetch", () => Promise.reject(new Error("no network in this test")));
    const client = await testClient(sessions, makeExpress(sessions)).as(U1);
    onTestFinished(() => client.close());
    expect(await (await client.fetch("/")).text()).toBe("u1");
  });

  it("the application may answer without a body", async () => {
    const app = fastify();
    app.get("/", async (_request, reply) => reply.code(204).send());
    app.head("/head", async (_request, reply) => reply.send());
    const client = testClient(makeSessions(), app);
    expect((await client.fetch("/")).status).toBe(204);
    expect((await client.fetch("/head", { method: "HEAD" })).status).toBe(200);
  });

  it.each<[unknown, RegExp]>([
    [(_request: Request) => new Response(), /pass a Fetch handler as \{ fetch: handler \}/],
    ["localhost:3000", /http:\/\/ or https:\/\/, got "localhost:3000"/],
    ["http://", /http:\/\/ or https:\/\//],
    [new URL("ftp://localhost"), /http:\/\/ or https:\/\//],
    [undefined, /testClient\(sessions, app\) takes an application of .*, got undefined/],
    [{}, /got an object/],
  ])("the client refuses an application that is none: %s", (target, message) => {
    expect(() => testClient(makeSessions(), target as TestTarget)).toThrow(message);
  });

  it("the application comes with the sessions that createSessions gave", () => {
    expect(() => testClient(untyped({}), makeApp(makeSessions()))).toThrow(/createSessions/);
  });
});

function makeExpress(sessions: Sessions<Data>): express.Express {
  return express()
    .use(expressSession(sessions))
    .get("/", (req, res) => void res.send(sessions.getSession(req, "user_id") ?? "nobody"));
}

function status(port: number): Promise<unknown> {
  return new Promise((done) => {
    get({ port, host: "localhost", agent: false }, (res) => {
      res.resume();
      done(res.statusCode);
    }).on("error", (error) => {
      // A host name with several addresses fails once for each.
      const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
      done((first as NodeJS.ErrnoException).code);
    });
  });
}
