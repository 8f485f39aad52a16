/** A test client on every host, with every kind of store: nothing in between is replaced. */
import "reflect-metadata";
import { Controller, Get, Module, Req } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { createDynamo, createRouter } from "../../src/adapters/dynamo.ts";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as fastifySession } from "../../src/adapters/fastify.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionStore } from "../../src/core/store.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { testClient } from "../../src/testing/client.ts";
import type { TestClient } from "../../src/testing/client.ts";
import { testClock } from "../../src/testing/clock.ts";
import type { TestClock } from "../../src/testing/clock.ts";
import { STORES } from "../support/stores.ts";
import { APPS } from "./apps.ts";
import type { Data, MakeApp } from "./apps.ts";

const cases = APPS.flatMap(([host, make]) =>
  STORES.map(([store, makeStore]) => ({ host, make, store, makeStore })),
);

describe.each(cases)("a test client on $host, with $store", ({ make, makeStore }) => {
  it("one call signs the client in, and the client keeps what the application puts", async () => {
    const { client } = setUp(make, makeStore);
    await client.as({ user_id: "u1" });
    expect(await text(client, "/")).toBe("u1");
    const type = { "content-type": "text/plain" };
    for (const item of ["pen", "ink"]) {
      await client.fetch("/cart", { method: "POST", body: item, headers: type });
    }
    expect((await client.session()).get()).toEqual({ user_id: "u1", cart: ["pen", "ink"] });
  });

  it("a client that nobody has signed in begins a session by its requests", async () => {
    const { client } = setUp(make, makeStore);
    expect(await text(client, "/")).toBe("nobody");
    expect(client.cookieHeader()).toBe("");
    const init = { method: "POST", body: "pen", headers: { "content-type": "text/plain" } };
    expect(await text(client, "/cart", init)).toBe("1");
    expect(client.cookieHeader()).toMatch(/^__Host-session=[\w-]+$/);
    expect((await client.session()).get("cart")).toEqual(["pen"]);
  });

  it("a client sees the redirect of a log-out, and loses its session", async () => {
    const { client } = setUp(make, makeStore);
    await client.as({ user_id: "u1" });
    const answer = await client.fetch("/logout", { method: "POST" });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/"]);
    expect(client.cookies()).toEqual([]);
    expect((await client.session()).get()).toEqual({});
    expect(await text(client, "/")).toBe("nobody");
  });

  it("a client has no session after the idle timeout of the test clock", async () => {
    const { client, clock } = setUp(make, makeStore);
    await client.as({ user_id: "u1" });
    clock.advance(59);
    expect(await text(client, "/")).toBe("u1");
    clock.advance(59);
    expect(await text(client, "/")).toBe("u1");
    clock.advance(60);
    expect(await text(client, "/")).toBe("nobody");
  });
});

describe("a test client on a framework above a host", () => {
  const options = { store: tableStore({ table: createTable() }), key: "session" };
  const sessions = createSessions<Data>(options);

  it("the client is signed in on NestJS on Express, as an http.Server", async () => {
    const app = await NestFactory.create(nestModule(sessions), { logger: false });
    app.use(expressSession(sessions));
    await app.init();
    onTestFinished(() => app.close());
    const client = await testClient(sessions, app.getHttpServer()).as({ user_id: "u1" });
    onTestFinished(() => client.close());
    expect(await text(client, "/")).toBe("u1");
  });

  it("the client is signed in on NestJS on Fastify, as it is", async () => {
    const app = await NestFactory.create<NestFastifyApplication>(
      nestModule(sessions),
      new FastifyAdapter(),
      { logger: false },
    );
    await app.register(fastifySession, { sessions });
    await app.init();
    onTestFinished(() => app.close());
    const client = await testClient(sessions, app).as({ user_id: "u1" });
    expect(await text(client, "/")).toBe("u1");
  });

  it("the client is signed in on Dynamo, as its endpoint", async () => {
    const app = createDynamo<Data>({ sessionStore: options.store, sessionOptions: { key: "sid" } });
    const router = createRouter();
    router.prepare((conn) => conn.fetch(["session"]));
    router.get("/", (conn) => conn.send(200, app.getSession(conn, "user_id") ?? "nobody"));
    const client = await testClient(app.sessions, app.endpoint(router)).as({ user_id: "u1" });
    expect(await text(client, "/")).toBe("u1");
  });
});

/** Decorators are functions: this project compiles without their syntax. */
function nestModule(sessions: Sessions<Data>): object {
  class App {
    index(request: Conn) {
      return sessions.getSession(request, "user_id");
    }
  }
  const index = Object.getOwnPropertyDescriptor(App.prototype, "index") ?? {};
  Get()(App.prototype, "index", index);
  Req()(App.prototype, "index", 0);
  Controller()(App);
  // oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is a class
  class Root {}
  Module({ controllers: [App] })(Root);
  return Root;
}

function setUp(
  make: MakeApp,
  makeStore: () => SessionStore,
): { client: TestClient<Data>; clock: TestClock } {
  const clock = testClock();
  const sessions = createSessions<Data>({
    store: makeStore(),
    key: "__Host-session",
    lifetime: { idle: 60 },
    now: clock.now,
  });
  const client = testClient(sessions, make(sessions));
  onTestFinished(() => client.close());
  return { client, clock };
}

async function text(client: TestClient<Data>, path: string, init?: RequestInit): Promise<string> {
  const answer = await client.fetch(path, init as RequestInit & { redirect?: "manual" });
  return answer.text();
}
