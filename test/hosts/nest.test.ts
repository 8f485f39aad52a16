import "reflect-metadata";
import {
  Catch,
  Controller,
  Get,
  HttpCode,
  Module,
  Post,
  Redirect,
  Req,
  Res,
  UseGuards,
} from "@nestjs/common";
import type { ArgumentsHost, CanActivate, INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as fastifySession } from "../../src/adapters/fastify.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import { storeKinds } from "../contracts/hosts/stores.ts";
import { codeOf, freshKey, start } from "../contracts/hosts/world.ts";
import type { Data, Served } from "../contracts/hosts/world.ts";

const logger = false;

/** Without a length Node's client sends a body of no type, which Fastify refuses. */
const post = { method: "POST", headers: { "Content-Length": "0" } };

/** How the page of each platform says it. */
const platforms: readonly {
  readonly platform: string;
  readonly serve: (module: object, sessions: Sessions<Data>, filter: object) => Promise<Served>;
}[] = [
  {
    platform: "platform-express",
    async serve(module, sessions, filter) {
      const app = await NestFactory.create(module, { logger });
      app.use(expressSession(sessions));
      return listen(app, filter);
    },
  },
  {
    platform: "platform-fastify",
    async serve(module, sessions, filter) {
      const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
        logger,
      });
      await app.register(fastifySession, { sessions });
      const served = await listen(app, filter);
      await app.getHttpAdapter().getInstance().ready();
      return served;
    },
  },
];

async function listen(app: INestApplication, filter: object): Promise<Served> {
  app.useGlobalFilters(filter as never);
  await app.init();
  onTestFinished(() => app.close());
  return start(app.getHttpServer() as never);
}

/** A module with one controller. Decorators are functions: this project compiles without their syntax. */
function moduleOf(sessions: Sessions<Data>, text: string): object {
  class App {
    index(request: Conn) {
      return {
        user: sessions.getSession(request, "user"),
        own: Reflect.get(request, "session") === sessions.of(request),
      };
    }
    login(request: Conn) {
      sessions.renewSession(request);
      sessions.putSession(request, "user", "ada");
    }
    async logout(request: Conn) {
      await Promise.resolve();
      sessions.dropSession(request);
    }
    fail(request: Conn) {
      sessions.putSession(request, "text", text);
      return "the handler's";
    }
    members(request: Conn) {
      return `hello ${sessions.getSession(request, "user")}`;
    }
    own(request: Conn, response: { send(body: string): unknown }) {
      sessions.putSession(request, "user", "eve");
      response.send("sent by itself");
    }
  }
  const signedIn: CanActivate = {
    canActivate: (context) =>
      sessions.getSession(context.switchToHttp().getRequest<Conn>(), "user") !== undefined,
  };
  const route = (name: keyof App, ...decorators: readonly MethodDecorator[]): void => {
    const { prototype } = App;
    for (const decorate of decorators) {
      decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name) ?? {});
    }
    Req()(prototype, name, 0);
  };
  route("index", Get());
  route("login", Post("login"), HttpCode(204));
  route("logout", Post("logout"), Redirect("/", 303));
  route("fail", Get("fail"));
  route("members", Get("members"), UseGuards(signedIn));
  route("own", Get("own"));
  Res()(App.prototype, "own", 1);
  Controller()(App);

  // oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is a class
  class Root {}
  Module({ controllers: [App] })(Root);
  return Root;
}

/** The application's own exception filter. */
function exceptionFilter(told: string[]): object {
  class Filter {
    catch(error: unknown, host: ArgumentsHost): void {
      told.push(codeOf(error));
      const response = host.switchToHttp().getResponse<{
        status(code: number): { send(body: unknown): unknown };
      }>();
      response.status(500).send({ code: codeOf(error) });
    }
  }
  Catch()(Filter);
  return new Filter();
}

describe.each(storeKinds)("NestJS 12 with $name", (kind) => {
  describe.each(platforms)("NestJS on $platform", ({ serve }) => {
    async function open() {
      const { store, table } = kind.open();
      const sessions = createSessions<Data>({ store, key: freshKey() });
      const told: string[] = [];
      const module = moduleOf(sessions, table ? "x" : "x".repeat(5000));
      const { browser } = await serve(module, sessions, exceptionFilter(told));
      return { browser: browser(), told, table };
    }

    test("a user signs in and out", async () => {
      const { browser, told } = await open();
      expect((await browser.get("/")).body).toBe('{"own":true}');
      expect(await browser.get("/login", post)).toMatchObject({
        status: 204,
        cookies: { length: 1 },
      });
      expect((await browser.get("/")).body).toBe('{"user":"ada","own":true}');
      expect(await browser.get("/logout", post)).toMatchObject({
        status: 303,
        cookies: { length: 1 },
      });
      expect((await browser.get("/")).body).toBe('{"own":true}');
      expect(told).toEqual([]);
    });

    test("a guard knows who is signed in", async () => {
      const { browser, told } = await open();
      expect((await browser.get("/members")).status).toBe(500);
      expect(told).toEqual(["Forbidden resource"]);
      await browser.get("/login", post);
      expect((await browser.get("/members")).body).toBe("hello ada");
    });

    test("an answer that the handler sends itself carries the cookie", async () => {
      const { browser } = await open();
      expect((await browser.get("/own")).body).toBe("sent by itself");
      expect((await browser.get("/")).body).toBe('{"user":"eve","own":true}');
    });

    test("a commit that fails goes to the application's exception filter, once", async () => {
      const { browser, told, table } = await open();
      if (table) table.writes = "failing";
      const code = table ? "ERR_SESSION_STORE" : "ERR_SESSION_COOKIE_OVERFLOW";
      const answer = await browser.get("/fail");
      expect(answer).toMatchObject({ status: 500, body: `{"code":"${code}"}`, cookies: [] });
      expect(told).toEqual([code]);
    });
  });
});
