/** L15: nothing that the application owns is changed. Real servers, and Responses that the application keeps. */
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, serve as serveHono } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { H3, serve as serveH3 } from "h3";
import { Hono } from "hono";
import type { Context } from "hono";
import { serve as serveFetch } from "srvx";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { session as fetchSession } from "../../src/adapters/fetch.ts";
import { session as h3Session } from "../../src/adapters/h3.ts";
import { session as honoSession } from "../../src/adapters/hono.ts";
import { createSessions } from "../../src/core/sessions.ts";
import type { Sessions } from "../../src/core/types.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { leaks } from "../support/leaks.ts";
import { SECRET } from "../support/secrets.ts";
import { AsyncTable } from "../support/tables/async-table.ts";

type Data = { readonly user: string };

/** What one server answers: the same kept Response to everybody, but for the page that says who is signed in. */
type Start = (sessions: Sessions<Data>, kept: Response) => Promise<string>;

async function listening(server: {
  url?: string;
  ready(): Promise<unknown>;
  close(all?: boolean): Promise<void>;
}): Promise<string> {
  await server.ready();
  onTestFinished(() => server.close(true));
  return (server.url ?? "").replace(/\/$/, "");
}

const servers: readonly (readonly [name: string, start: Start])[] = [
  [
    "sojourn/fetch on srvx",
    async (sessions, kept) => {
      const fetch = fetchSession(sessions, (request) => {
        const { pathname, searchParams } = new URL(request.url);
        if (pathname === "/login") {
          sessions.putSession(request, "user", searchParams.get("u") ?? "");
        }
        if (pathname === "/me") return new Response(sessions.getSession(request, "user") ?? "-");
        return kept;
      });
      return listening(serveFetch({ fetch, port: 0, hostname: "127.0.0.1", silent: true }));
    },
  ],
  [
    "sojourn/hono on @hono/node-server",
    async (sessions, kept) => {
      const app = new Hono().use(honoSession(sessions));
      app.get("/login", (c) => {
        sessions.putSession(c, "user", c.req.query("u") ?? "");
        return kept;
      });
      app.get("/me", (c) => c.text(sessions.getSession(c, "user") ?? "-"));
      app.get("/health", () => kept);
      const server = serveHono({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
      onTestFinished(() => void server.close());
      if (!server.listening) await new Promise((done) => server.once("listening", done));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  ],
  [
    "sojourn/h3 on h3 2",
    async (sessions, kept) => {
      const app = new H3().use(h3Session(sessions));
      app.get("/login", (event) => {
        sessions.putSession(event, "user", event.url.searchParams.get("u") ?? "");
        return kept;
      });
      app.get("/me", (event) => sessions.getSession(event, "user") ?? "-");
      app.get("/health", () => kept);
      return listening(serveH3(app, { port: 0, hostname: "127.0.0.1", silent: true }));
    },
  ],
];

const stores = [
  ["the sealed cookie", () => cookieStore({ secret: SECRET })],
  ["a table that answers at once", () => tableStore({ table: createTable() })],
  ["a table that answers later", () => tableStore({ table: new AsyncTable(createTable()) })],
] as const;

const kinds: readonly (readonly [name: string, keep: () => Response])[] = [
  ["204", () => new Response(null, { status: 204 })],
  ["401 without a body", () => new Response(null, { status: 401 })],
  ["redirect", () => Response.redirect("http://localhost/elsewhere", 303)],
];

describe.each(servers)("L15: a Response that the application keeps: %s", (_server, start) => {
  describe.each(stores)("with %s", (_store, makeStore) => {
    test.each(kinds)("a kept %s carries one user's cookie to nobody else", async (_kind, keep) => {
      const kept = keep();
      const before = [...kept.headers];
      const sessions = createSessions<Data>({ store: makeStore(), key: "sid" });
      const base = await start(sessions, kept);
      const get = (path: string, cookie = ""): Promise<Response> =>
        fetch(base + path, { redirect: "manual", headers: cookie ? { cookie } : {} });

      const cookies = [];
      for (const user of ["alice", "bob"]) {
        const sent = (await get(`/login?u=${user}`)).headers.getSetCookie();
        expect(sent).toHaveLength(1);
        const [cookie = ""] = sent[0]?.split(";") ?? [];
        leaks.confideCookie(cookie.slice("sid=".length));
        expect(await (await get("/me", cookie)).text()).toBe(user);
        cookies.push(cookie);
      }
      expect(new Set(cookies).size).toBe(2);
      const stranger = await get("/health");
      expect(stranger.headers.getSetCookie()).toEqual([]);
      expect(stranger.headers.get("cache-control")).toBeNull();
      expect([...kept.headers]).toEqual(before);
    });
  });
});

/** What an application does at a path, with the Response that it keeps. */
type Answer = (conn: Request | Context, sessions: Sessions<Data>) => Response;

/** An application for Hono's server for Node. */
type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

const apps: readonly (readonly [
  name: string,
  build: (sessions: Sessions<Data>, answers: Readonly<Record<string, Answer>>) => Fetch,
])[] = [
  [
    "sojourn/hono",
    (sessions, answers) => {
      const app = new Hono<{ Bindings: HttpBindings }>().use(honoSession(sessions));
      app.use("/late", async (c, next) => {
        await next();
        sessions.getSession(c, "user");
      });
      for (const [path, answer] of Object.entries(answers)) {
        app.get(path, (c) => answer(c as unknown as Context, sessions));
      }
      app.onError((error, c) => c.text((error as { code?: string }).code ?? error.message, 500));
      return app.fetch;
    },
  ],
  [
    "sojourn/fetch",
    (sessions, answers) =>
      fetchSession(
        sessions,
        (request: Request, _env: HttpBindings) => {
          const { pathname } = new URL(request.url);
          const answer = answers[pathname]?.(request, sessions);
          if (pathname === "/late") sessions.getSession(request, "user");
          return answer ?? new Response(null, { status: 404 });
        },
        {
          onError: (error) =>
            new Response((error as { code?: string }).code ?? String(error), { status: 500 }),
        },
      ),
  ],
];

/** A client of the application on Hono's server for Node. */
async function on(fetching: Fetch): Promise<(path: string) => Promise<Response>> {
  const listener = getRequestListener((request, env) => fetching(request, env as HttpBindings));
  const server = createServer((req, res) => void listener(req, res));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return (path) => fetch(`http://127.0.0.1:${port}${path}`);
}

const bodies: readonly (readonly [name: string, keep: () => Response])[] = [
  ["text", () => new Response("kept")],
  ["page", () => new Response("<p>kept", { headers: { "Content-Type": "text/html" } })],
  ["JSON", () => Response.json({ kept: true }, { status: 201 })],
  ["array of bytes", () => new Response(Buffer.from([0, 255, 13, 10]))],
  ["Blob", () => new Response(new Blob(["kept"]))],
  ["empty answer", () => new Response(null, { status: 204 })],
];

describe.each(apps)(
  "L15: a body that the application keeps: %s on Hono's server for Node",
  (_app, build) => {
    test.each(bodies)("a kept %s is served as often as without us", async (_kind, keep) => {
      const bare = await on(() => kept);
      const kept = keep();
      const shown = async (answer: Response): Promise<unknown> => ({
        status: answer.status,
        type: answer.headers.get("content-type"),
        body: Buffer.from(await answer.arrayBuffer()).toString("latin1"),
      });
      const plain = await shown(await bare("/"));
      expect(await shown(await bare("/"))).toEqual(plain);

      const sessions = createSessions<Data>({ store: cookieStore({ secret: SECRET }), key: "sid" });
      const get = await on(
        build(sessions, {
          "/health": () => kept,
          "/late": () => kept,
          "/read": (conn) => {
            sessions.getSession(conn, "user");
            return kept;
          },
          "/write": (conn) => {
            sessions.putSession(conn, "user", "ada");
            return kept;
          },
          "/overflow": (conn) => {
            sessions.putSession(conn, "user", "x".repeat(5000));
            return kept;
          },
        }),
      );
      for (const path of ["/health", "/read", "/late", "/write", "/read", "/health"]) {
        const answer = await get(path);
        expect(answer.headers.getSetCookie()).toHaveLength(path === "/write" ? 1 : 0);
        expect(answer.headers.has("cache-control")).toBe(path !== "/health");
        expect(await shown(answer)).toEqual(plain);
      }

      const failed = await get("/overflow");
      expect(failed.status).toBe(500);
      expect(await failed.text()).toBe("ERR_SESSION_COOKIE_OVERFLOW");
      expect(await shown(await get("/read"))).toEqual(plain);
      expect(await shown(await get("/health"))).toEqual(plain);
      expect(await shown(await bare("/"))).toEqual(plain);
    });

    test("a stream is closed if the commit fails", async () => {
      const sessions = createSessions<Data>({ store: cookieStore({ secret: SECRET }), key: "sid" });
      const closed = vi.fn<() => void>();
      const get = await on(
        build(sessions, {
          "/": (conn) => {
            sessions.putSession(conn, "user", "x".repeat(5000));
            return new Response(new ReadableStream({ cancel: closed }));
          },
        }),
      );
      expect((await get("/")).status).toBe(500);
      expect(closed).toHaveBeenCalledTimes(1);
    });
  },
);

test("L15: an answer that a Hono handler writes into Node's response stays as it is", async () => {
  const sessions = createSessions<Data>({ store: cookieStore({ secret: SECRET }), key: "sid" });
  const app = new Hono<{ Bindings: HttpBindings }>().use(honoSession(sessions));
  let end = (): void => {};
  app.get("/", (c) => {
    sessions.getSession(c, "user");
    const { outgoing } = c.env;
    outgoing.writeHead(200, { "X-Own": "1" });
    outgoing.write("first, ");
    end = () => void outgoing.end("second");
    return RESPONSE_ALREADY_SENT;
  });
  const get = await on(app.fetch);
  const answer = await get("/");
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  end();
  const rest = await reader.read();
  expect(
    Buffer.concat([value ?? [], rest.value ?? []].map((each) => Buffer.from(each))).toString(),
  ).toBe("first, second");
});
