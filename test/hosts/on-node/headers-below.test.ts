/** L15, L16: headers that middleware around a host has put on Node's response stay beside ours. Real servers. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { H3, toNodeHandler } from "h3";
import { Hono } from "hono";
import { toNodeHandler as srvxHandler } from "srvx/node";
import { describe, expect, test } from "vitest";
import { session as fetchSession } from "../../../src/adapters/fetch.ts";
import { session as h3Session } from "../../../src/adapters/h3.ts";
import { session as honoSession } from "../../../src/adapters/hono.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { newSessions } from "../../contracts/hosts/sessions.ts";
import { start } from "../../contracts/hosts/world.ts";
import type { Data } from "../../contracts/hosts/world.ts";

type Handler = (conn: Conn) => void;
type Listener = (req: IncomingMessage, res: ServerResponse) => unknown;

const hosts: readonly (readonly [
  name: string,
  build: (sessions: Sessions<Data>, handler: Handler) => Listener,
])[] = [
  [
    "Hono on its server for Node",
    (sessions, handler) => {
      const app = new Hono();
      app.use(honoSession(sessions));
      app.get("/", (c) => {
        handler(c);
        return c.text("page");
      });
      return getRequestListener(app.fetch);
    },
  ],
  [
    "a Fetch handler on Hono's server for Node",
    (sessions, handler) => {
      const fetch = fetchSession(sessions, (request: Request, _env: unknown) => {
        handler(request);
        return new Response("page");
      });
      return getRequestListener((request, env) => fetch(request, env));
    },
  ],
  [
    "a Fetch handler on srvx",
    (sessions, handler) => {
      const fetch = fetchSession(sessions, (request: Request) => {
        handler(request);
        return new Response("page");
      });
      return srvxHandler(fetch) as Listener;
    },
  ],
  [
    "h3 2",
    (sessions, handler) => {
      const app = new H3().use(h3Session(sessions));
      app.get("/", (event) => {
        handler(event);
        return "page";
      });
      return toNodeHandler(app);
    },
  ],
];

describe.each(hosts)("L16: %s", (_host, build) => {
  const serve = async (
    below: Readonly<Record<string, string>>,
    handle: (sessions: Sessions<Data>, conn: Conn) => void,
  ) => {
    const sessions = newSessions();
    const listener = build(sessions, (conn) => handle(sessions, conn));
    const { browser } = await start(
      createServer((req, res) => {
        for (const [name, value] of Object.entries(below)) res.setHeader(name, value);
        void listener(req, res);
      }),
    );
    const { body, headers } = await browser().get("/");
    return { body, vary: headers["vary"], control: headers["cache-control"] };
  };

  test("a page that was looked at names Cookie beside what the middleware varies by", async () => {
    const found = await serve({ Vary: "Origin" }, ({ getSession }, conn) => {
      getSession(conn);
    });
    expect(found).toEqual({ body: "page", vary: "Origin, Cookie", control: "private, no-cache" });
  });

  test("the Cache-Control of a middleware stays for a page that was looked at", async () => {
    const found = await serve({ "Cache-Control": "max-age=60" }, ({ getSession }, conn) => {
      getSession(conn);
    });
    expect(found).toEqual({ body: "page", vary: "Cookie", control: "max-age=60" });
  });

  test("an answer with our cookie is no-store, whatever the middleware says", async () => {
    const below = { Vary: "Origin", "Cache-Control": "max-age=60" };
    const found = await serve(below, ({ putSession }, conn) => putSession(conn, "user", "ada"));
    expect(found).toEqual({ body: "page", vary: "Origin, Cookie", control: "no-store" });
  });
});

test.each(["private, no-cache, max-age=5", "private, no-cache", "private, no-cache, no-store"])(
  "L16: on h3 2 the handler's own Cache-Control stays, although ours begins it: %s",
  async (control) => {
    const sessions = newSessions();
    const app = new H3().use(h3Session(sessions));
    app.get("/", (event) => {
      sessions.getSession(event);
      event.res.headers.set("Cache-Control", control);
      return "page";
    });
    const answer = await app.request("/");
    expect(answer.headers.get("cache-control")).toBe(control);
  },
);
