/** L15: nothing that the application owns is changed. Real servers, and Responses that the application keeps. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve as serveHono } from "@hono/node-server";
import { H3, serve as serveH3 } from "h3";
import { Hono } from "hono";
import { serve as serveFetch } from "srvx";
import { describe, expect, onTestFinished, test } from "vitest";
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
