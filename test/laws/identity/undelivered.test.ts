/** A password that changes while its client goes: over real servers, and in a controlled order of steps. */
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { describe, expect, it, onTestFinished } from "vitest";
import { session as expressSession } from "../../../src/adapters/express.ts";
import { session as honoSession } from "../../../src/adapters/hono.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { lasting } from "../../support/tables/lasting.ts";
import { listenTo, signal } from "../../contracts/hosts/world.ts";
import { SECRET } from "../../support/secrets.ts";

type Users = Sessions<{ user: string }>;

/** What the handler of `/password` does between its look and its answer. */
type Act = (conn: Conn, gone: Promise<unknown>) => Promise<void>;

const STORES: readonly (readonly [string, () => SessionStore])[] = [
  ["a table", () => tableStore({ table: createTable() })],
  [
    "sealed cookies with revocations",
    () => cookieStore({ secret: SECRET, revocations: lasting() }),
  ],
];

const HOSTS: readonly (readonly [string, (sessions: Users, act: Act) => RequestListener])[] = [
  [
    "Express",
    (sessions, act) =>
      express()
        .use(expressSession(sessions))
        .get("/in", (req, res) => {
          sessions.putSession(req, "user", "ann");
          res.send("in");
        })
        .get("/me", (req, res) => void res.send(sessions.getSession(req, "user") ?? "nobody"))
        .get("/password", async (req, res) => {
          await act(req, once(res, "close"));
          res.send("changed");
        }),
  ],
  [
    "Hono",
    (sessions, act) =>
      getRequestListener(
        new Hono()
          .use(honoSession(sessions))
          .get("/in", (c) => {
            sessions.putSession(c, "user", "ann");
            return c.text("in");
          })
          .get("/me", (c) => c.text(sessions.getSession(c, "user") ?? "nobody"))
          .get("/password", async (c) => {
            await act(c, once(c.req.raw.signal, "abort"));
            return c.text("changed");
          }).fetch,
      ),
  ],
];

let keys = 0;

async function start(
  listener: (sessions: Users, act: Act) => RequestListener,
  store: SessionStore,
  act: (sessions: Users) => Act,
) {
  const key = `undelivered_${(keys += 1)}`;
  const sessions: Users = createSessions({ store, key, subject: "user", secure: false });
  const entered = signal();
  const done = signal();
  const begun = act(sessions);
  const server = createServer(
    listener(sessions, async (conn, gone) => {
      sessions.getSession(conn);
      entered.give();
      await begun(conn, gone);
      setImmediate(done.give);
    }),
  );
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const events = listenTo(key);
  const get = async (path: string, cookie = ""): Promise<{ body: string; cookie: string }> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie } });
    const [set = ""] = answer.headers.getSetCookie();
    return { body: await answer.text(), cookie: set.split(";")[0] ?? "" };
  };
  return {
    events,
    get,
    /** Asks for `/password`, and goes as soon as the handler has the request. */
    async askAndGo(cookie: string): Promise<void> {
      const request = ask({ port, host: "127.0.0.1", path: "/password", headers: { cookie } });
      request.on("error", () => {});
      request.end();
      await entered.given;
      request.destroy();
      await done.given;
      // The commit follows the handler; a whole request of another client makes sure that it is over.
      for (let turn = 0; turn < 10; turn++) await get("/me");
    },
  };
}

describe.each(HOSTS)("L14: a renewal that its client does not get, on %s", (_host, listener) => {
  describe.each(STORES)("with %s", (_store, make) => {
    it.each(["before", "after"])(
      "if the client goes %s the revocation of the others, the old token opens nothing any more",
      async (when) => {
        const world = await start(listener, make(), (sessions) => async (conn, gone) => {
          if (when === "before") await gone;
          await sessions.revoke("ann", { except: conn });
          sessions.renewSession(conn);
          await gone;
        });
        const { cookie } = await world.get("/in");
        expect((await world.get("/me", cookie)).body).toBe("ann");
        await world.askAndGo(cookie);
        expect((await world.get("/me", cookie)).body).toBe("nobody");
        expect(world.events).toContain("drop no-answer");
        expect(world.events).not.toContain("stop no-answer");
      },
    );

    it("without a revocation the old token stays good, and an event tells that no renewal was made", async () => {
      const world = await start(listener, make(), (sessions) => async (conn, gone) => {
        sessions.renewSession(conn);
        await gone;
      });
      const { cookie } = await world.get("/in");
      await world.askAndGo(cookie);
      expect((await world.get("/me", cookie)).body).toBe("ann");
      expect(world.events).toContain("stop no-answer");
    });
  });
});
