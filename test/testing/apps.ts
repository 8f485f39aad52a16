/** The same small application on every host, each written as its users write it, and given to a client as they have it. */
import { createServer } from "node:http";
import express5 from "express";
import express4 from "express4";
import fastify from "fastify";
import { H3, redirect as redirectH3 } from "h3";
import * as h31 from "h3-1";
import { Hono } from "hono";
import Koa from "koa";
import Koa2 from "koa2";
import { session as expressSession } from "../../src/adapters/express.ts";
import { session as fastifySession } from "../../src/adapters/fastify.ts";
import { session as fetchSession } from "../../src/adapters/fetch.ts";
import { session as h3Session } from "../../src/adapters/h3.ts";
import { session as honoSession } from "../../src/adapters/hono.ts";
import { session as koaSession } from "../../src/adapters/koa.ts";
import { session as nodeSession } from "../../src/adapters/node.ts";
import type { Conn, Sessions } from "../../src/core/types.ts";
import type { TestTarget } from "../../src/testing/target.ts";

export interface Data {
  readonly user_id: string;
  readonly cart: readonly string[];
}

/** `GET /` says who it is, `POST /cart` adds the body to the cart, `POST /logout` ends the session and redirects. */
export type MakeApp = (sessions: Sessions<Data>) => TestTarget;

export const APPS: readonly (readonly [host: string, make: MakeApp])[] = [
  ["Express 5", (sessions) => express(express5, sessions)],
  // What is used here is the same in both, but a type of its own.
  ["Express 4", (sessions) => express(express4 as unknown as typeof express5, sessions)],
  ["Fastify", fastifyApp],
  ["Hono", honoApp],
  ["Koa 3", (sessions) => koaApp(new Koa(), sessions)],
  ["Koa 2", (sessions) => koaApp(new Koa2() as unknown as Koa, sessions)],
  ["h3 2", h3App],
  ["h3 1", h31App],
  ["node:http", nodeApp],
  ["an http.Server", (sessions) => createServer(nodeApp(sessions))],
  ["a Fetch handler", fetchApp],
];

function who(sessions: Sessions<Data>, conn: Conn): string {
  return sessions.getSession(conn, "user_id") ?? "nobody";
}

function add(sessions: Sessions<Data>, conn: Conn, item: string): string {
  sessions.updateSession(conn, "cart", (cart = []) => [...cart, item]);
  return `${sessions.getSession(conn, "cart")?.length}`;
}

function express(framework: typeof express5, sessions: Sessions<Data>): express5.Express {
  return framework()
    .use(expressSession(sessions), express5.text())
    .get("/", (req, res) => void res.send(who(sessions, req)))
    .post("/cart", (req, res) => void res.send(add(sessions, req, String(req.body))))
    .post("/logout", (req, res) => {
      sessions.dropSession(req);
      res.redirect("/");
    });
}

function fastifyApp(sessions: Sessions<Data>): ReturnType<typeof fastify> {
  const app = fastify();
  void app.register(fastifySession, { sessions });
  app.get("/", async (request) => who(sessions, request));
  app.post("/cart", async (request) => add(sessions, request, String(request.body)));
  app.post("/logout", async (request, reply) => {
    sessions.dropSession(request);
    return reply.redirect("/");
  });
  return app;
}

function honoApp(sessions: Sessions<Data>): Hono {
  return new Hono()
    .use(honoSession(sessions))
    .get("/", (c) => c.text(who(sessions, c)))
    .post("/cart", async (c) => c.text(add(sessions, c, await c.req.text())))
    .post("/logout", (c) => {
      sessions.dropSession(c);
      return c.redirect("/");
    }) as unknown as Hono;
}

function koaApp(app: Koa, sessions: Sessions<Data>): Koa {
  app.use(koaSession(sessions)).use(async (ctx) => {
    if (ctx.path === "/cart") ctx.body = add(sessions, ctx, await textOf(ctx.req));
    else if (ctx.path === "/logout") {
      sessions.dropSession(ctx);
      ctx.redirect("/");
    } else ctx.body = who(sessions, ctx);
  });
  return app;
}

function h3App(sessions: Sessions<Data>): H3 {
  return new H3()
    .use(h3Session(sessions))
    .get("/", (event) => who(sessions, event))
    .post("/cart", async (event) => add(sessions, event, await event.req.text()))
    .post("/logout", (event) => {
      sessions.dropSession(event);
      return redirectH3("/");
    });
}

function h31App(sessions: Sessions<Data>): TestTarget {
  const app = h31.createApp();
  app.use(h3Session<h31.H3Event>(sessions));
  app.use(
    h31.eventHandler(async (event) => {
      if (event.path === "/cart") return add(sessions, event, (await h31.readRawBody(event)) ?? "");
      if (event.path !== "/logout") return who(sessions, event);
      sessions.dropSession(event);
      return h31.sendRedirect(event, "/");
    }),
  );
  return h31.toNodeListener(app);
}

function nodeApp(sessions: Sessions<Data>): ReturnType<typeof nodeSession> {
  return nodeSession(sessions, async (req, res) => {
    let answer = "";
    if (req.url === "/cart") answer = add(sessions, req, await textOf(req));
    else if (req.url === "/logout") {
      sessions.dropSession(req);
      res.writeHead(302, { location: "/" });
    } else answer = who(sessions, req);
    res.end(answer);
  });
}

function fetchApp(sessions: Sessions<Data>): TestTarget {
  const handler = fetchSession(sessions, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/cart") return new Response(add(sessions, request, await request.text()));
    if (pathname !== "/logout") return new Response(who(sessions, request));
    sessions.dropSession(request);
    return new Response(null, { status: 302, headers: { location: "/" } });
  });
  return { fetch: handler };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
