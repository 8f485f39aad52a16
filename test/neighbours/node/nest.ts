/** Neighbours on Nest: its own interceptors, guards and filters, and middleware of its platforms. */
import "reflect-metadata";
import type { Server } from "node:http";
import {
  Catch,
  Controller,
  Get,
  Header,
  HttpException,
  Module,
  Post,
  Redirect,
  Req,
  Res,
  StreamableFile,
  UseGuards,
  UseInterceptors,
} from "@nestjs/common";
import type { ArgumentsHost, CallHandler, INestApplication } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { map, tap } from "rxjs";
import { session as expressSession } from "../../../src/adapters/express.ts";
import { session as fastifySession } from "../../../src/adapters/fastify.ts";
import type { Kit, Neighbour } from "../neighbour.ts";
import { load } from "../support/packages.ts";

type Platform = "express" | "fastify";

/** What stands around the pages. */
interface Around {
  readonly name: string;
  /** The package that does it, by platform. */
  readonly packages?: Readonly<Record<Platform, string>>;
  readonly use: (app: INestApplication, platform: Platform) => unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const long = "long ".repeat(500);

const arounds: readonly Around[] = [
  { name: "Nest's own interceptors, guards and filters", use: () => {} },
  {
    name: "compression",
    packages: { express: "compression", fastify: "@fastify/compress" },
    headers: { "accept-encoding": "gzip" },
    async use(app, platform) {
      if (platform === "express") {
        const compression = await load<(options: object) => never>("compression");
        app.use(compression({ threshold: 100 }));
        return;
      }
      await (app as NestFastifyApplication).register(await load<never>("@fastify/compress"), {
        threshold: 100,
      });
    },
  },
  {
    name: "helmet",
    packages: { express: "helmet", fastify: "@fastify/helmet" },
    async use(app, platform) {
      if (platform === "express") app.use((await load<() => never>("helmet"))());
      else await (app as NestFastifyApplication).register(await load<never>("@fastify/helmet"));
    },
  },
];

const paths = ["/text", "/json", "/mapped", "/refused", "/throw", "/redirect", "/file", "/own"];

export const nest: readonly Neighbour[] = (["express", "fastify"] as const).flatMap((platform) =>
  arounds.flatMap(({ name, packages, use, headers = {} }) =>
    (["registered after ours", "registered before ours"] as const).map((place): Neighbour => ({
      host: `Nest 12 on ${platform === "express" ? "Express" : "Fastify"}`,
      name: packages?.[platform] ?? name,
      package: packages?.[platform],
      place,
      requests: [
        ...paths.map((path) => ({ path, headers })),
        { path: "/none", headers },
        { path: "/text", method: "HEAD", headers },
        {
          path: "/body",
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: '{"a":1}',
        },
      ],
      async program(kit) {
        const app = await appOf(platform, kit);
        if (place === "registered before ours") await use(app, platform);
        await registerOurs(app, platform, kit);
        if (place === "registered after ours") await use(app, platform);
        await app.init();
        if (platform === "fastify") {
          await (app as NestFastifyApplication).getHttpAdapter().getInstance().ready();
        }
        return { server: app.getHttpServer() as Server, close: () => app.close() };
      },
    })),
  ),
);

async function appOf(platform: Platform, kit: Kit): Promise<INestApplication> {
  const options = { logger: false as const, forceCloseConnections: true };
  const module = moduleOf(kit);
  const app =
    platform === "express"
      ? await NestFactory.create(module, options)
      : await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), options);
  class Filter {
    catch(error: Error, host: ArgumentsHost) {
      kit.note(`error ${error.message}`);
      const status = error instanceof HttpException ? error.getStatus() : 500;
      const answer: Answer = host.switchToHttp().getResponse();
      answer.status(status).send(`error: ${error.message}`);
    }
  }
  Catch()(Filter);
  return app.useGlobalFilters(new Filter());
}

async function registerOurs(app: INestApplication, platform: Platform, kit: Kit): Promise<void> {
  if (platform === "express") {
    if (kit.sessions) app.use(expressSession(kit.sessions));
    app.use((req: object, _res: unknown, next: () => void) => {
      kit.above(req);
      next();
    });
    return;
  }
  const fastify = app as NestFastifyApplication;
  if (kit.sessions) await fastify.register(fastifySession, { sessions: kit.sessions });
  fastify
    .getHttpAdapter()
    .getInstance()
    .addHook("onRequest", async (request) => kit.above(request));
}

interface Answer {
  status(code: number): Answer;
  send(body: string): unknown;
}

/** A module with one controller. Decorators are functions: this project compiles without their syntax. */
function moduleOf(kit: Kit): object {
  const page =
    (answer: (answer: Answer, body: unknown) => unknown) =>
    (request: { readonly body?: unknown }, response: Answer): unknown =>
      kit.handle(request, () => answer(response, request.body));
  // oxlint-disable-next-line typescript/no-extraneous-class -- a controller is a class, whose methods follow below
  class Pages {}
  const mapped = {
    intercept: (_context: unknown, next: CallHandler) =>
      next.handle().pipe(
        map((value) => ({ value: value as unknown })),
        tap(() => kit.event("intercepted")),
      ),
  };
  const refused = { canActivate: () => false };
  const add = (
    name: string,
    answer: (answer: Answer, body: unknown) => unknown,
    ...decorators: readonly MethodDecorator[]
  ): void => {
    const descriptor = { value: page(answer), configurable: true, writable: true };
    Object.defineProperty(Pages.prototype, name, descriptor);
    for (const decorate of decorators) decorate(Pages.prototype, name, descriptor);
    Req()(Pages.prototype, name, 0);
    Res({ passthrough: name !== "own" })(Pages.prototype, name, 1);
  };
  add("text", () => long, Get("text"), Header("Content-Type", "text/plain"));
  add("json", () => ({ n: 1, long }), Get("json"), Header("X-Own", "1"));
  add("mapped", () => "a value", Get("mapped"), UseInterceptors(mapped));
  add("refused", () => "never", Get("refused"), UseGuards(refused));
  add("redirect", () => undefined, Get("redirect"), Redirect("/text", 303));
  add("file", () => new StreamableFile(Buffer.from(long)), Get("file"));
  add("own", (answer) => void answer.status(202).send("sent by itself"), Get("own"));
  add("body", (_answer, body) => body, Post("body"));
  add(
    "throw",
    () => {
      throw new HttpException("thrown", 418);
    },
    Get("throw"),
  );
  Controller()(Pages);
  // oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is a class
  class Root {}
  Module({ controllers: [Pages] })(Root);
  return Root;
}
