/** Shared caches between the application and its users. */
import { expect, test } from "vitest";
import type { Session } from "../../../src/core/types.ts";
import type { Browser } from "../../contracts/hosts/client.ts";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { open as openHost } from "../../contracts/hosts/world.ts";
import { visit } from "../../support/visit.ts";
import { SharedCache } from "../support/shared-cache.ts";
import { everyHost } from "../support/hosts.ts";
import { incident, row } from "../support/row.ts";
import { everyStore } from "../support/stores.ts";
import { World } from "../support/world.ts";
import type { Data } from "../support/world.ts";

/** Every way to look at a session, and whether it writes. */
const ACCESSORS: readonly (readonly [name: string, access: (session: Session<Data>) => unknown])[] =
  [
    ["get(key)", (session) => session.get("user")],
    ["get(key) of an absent key", (session) => session.get("nothing")],
    ["get()", (session) => session.get()],
    ["the number of keys", (session) => Object.keys(session.get()).length],
    ["handle", (session) => session.handle],
    ["available", (session) => session.available],
    ["flash(key)", (session) => session.flash("message")],
    ["delete of an absent key", (session) => session.delete("nothing")],
    ["update that changes nothing", (session) => session.update("user", (user) => user)],
    ["ignore", (session) => session.configure("ignore", true)],
    ["a renewal that is withdrawn", (session) => session.renew().configure("renew", false)],
    ["put", (session) => session.put("n", 1)],
    ["renew", (session) => session.renew()],
    ["drop", (session) => session.drop()],
    ["configure", (session) => session.configure("path", "/app")],
  ];

row("S20", () => {
  everyStore((open) => {
    test.each(ACCESSORS)(
      "a handler that uses %s gets Vary: Cookie, and no-store beside a cookie",
      async (_name, access) => {
        const world = new World(await open());
        const sessions = world.sessions();
        for (const header of [undefined, (await world.signedIn("alice", sessions)).jar.header]) {
          const { headers } = await visit(
            sessions,
            header,
            (conn) => void access(sessions.of(conn)),
          );
          expect(headers.get("Vary")).toBe("Cookie");
          const sent = headers.getSetCookie().length > 0;
          expect(headers.get("Cache-Control")).toBe(sent ? "no-store" : "private, no-cache");
        }
      },
    );

    test("a touch is answered like any other look", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const { header } = (await world.signedIn("alice", sessions)).jar;
      world.time.pass(600);
      const { headers, events } = await visit(sessions, header, (conn) =>
        sessions.getSession(conn),
      );
      expect(events).not.toEqual([]);
      expect(headers.get("Vary")).toBe("Cookie");
      expect(headers.get("Cache-Control")).toMatch(/^no-store$|^private, no-cache$/);
    });
  });

  everyHost((driver) => {
    test.each(storeKinds)(
      "with $name, two users behind one cache never get each other's page or cookie",
      async (stores) => {
        const world = await openHost(
          { driver, stores },
          ({ sessions }) =>
            ({ conn, path, query }) => {
              if (path === "/picture") return { body: "the same for all", headers: lasting };
              if (path === "/log-in") sessions.putSession(conn, "user", query.get("user") ?? "");
              const user = sessions.getSession(conn, "user");
              // The worst of applications: it tells caches to keep everything.
              return { body: `page of ${user}`, headers: path === "/kept" ? lasting : {} };
            },
        );
        const cache = new SharedCache();
        const [ada, bob, nobody] = [world.browser(), world.browser(), world.browser()];
        const get = (browser: Browser, path: string) => cache.get(browser, path);
        expect((await get(ada, "/log-in?user=ada")).body).toBe("page of ada");
        expect((await get(bob, "/log-in?user=ada")).cookies).toHaveLength(1);
        expect((await get(bob, "/log-in?user=bob")).body).toBe("page of bob");
        for (const path of ["/", "/kept", "/", "/kept"]) {
          for (const [browser, user] of [
            [ada, "ada"],
            [bob, "bob"],
            [nobody, "undefined"],
          ] as const) {
            const answer = await get(browser, path);
            expect(answer.body, path).toBe(`page of ${user}`);
            expect(answer.cookies).toEqual([]);
          }
        }
        // It is a cache after all: what looked at no session is kept for everybody.
        for (const browser of [ada, bob, nobody]) await get(browser, "/picture");
        expect(cache.served).toBeGreaterThan(0);
        expect(cache.kept("/picture")).toBe(1);
      },
    );
  });
});

const lasting = { "Cache-Control": "public, max-age=3600" };

incident("CVE-2023-30861", () => {
  everyStore((open) => {
    test("a response that only refreshes the cookie is private", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ persist: true });
      const { header } = (await world.signedIn("alice", sessions)).jar;
      world.time.pass(600);
      const { headers } = await visit(sessions, header, (conn) =>
        sessions.configureSession(conn, "sameSite", "strict"),
      );
      expect(headers.getSetCookie()).toHaveLength(1);
      expect([headers.get("Vary"), headers.get("Cache-Control")]).toEqual(["Cookie", "no-store"]);
    });
  });
});

incident("CVE-2026-27205", () => {
  everyStore((open) => {
    test("a handler that looks for a key, without reading a value, varies the response", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const { headers } = await visit(
        sessions,
        undefined,
        (conn) => "user" in sessions.getSession(conn),
      );
      expect([headers.get("Vary"), headers.get("Cache-Control")]).toEqual([
        "Cookie",
        "private, no-cache",
      ]);
    });
  });
});
