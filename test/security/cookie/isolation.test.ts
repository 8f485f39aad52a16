/** Requests that run at the same time, in one process, over the same connections. */
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { storeKinds } from "../../contracts/hosts/stores.ts";
import { Browser } from "../../contracts/hosts/client.ts";
import { open as openHost } from "../../contracts/hosts/world.ts";
import { Visit } from "../../support/visit.ts";
import { everyHost } from "../support/hosts.ts";
import { incident, row } from "../support/row.ts";
import { everyStore } from "../support/stores.ts";
import { KEY, World } from "../support/world.ts";

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await turn();
};

row("S36", () => {
  everyStore((open) => {
    test("thousands of requests of many users, interleaved at random, each see their own data", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const users = Array.from({ length: 40 }, (_, at) => `user ${at}`);
      const browsers = await Promise.all(users.map((user) => world.signedIn(user, sessions)));
      const wrong: unknown[] = [];
      const one = async (count: number): Promise<void> => {
        const at = count % users.length;
        const visit = await Visit.begin(sessions, browsers[at]?.jar.header);
        await turns(randomInt(4));
        const before = visit.run((conn) => sessions.getSession(conn, "user"));
        if (count % 10 === 0) visit.run((conn) => sessions.putSession(conn, `of ${at}`, at));
        await turns(randomInt(4));
        const after = visit.run((conn) => sessions.getSession(conn));
        const { setCookie } = await visit.finish();
        const others = Object.keys(after).filter(
          (key) => /^of \d+$/.test(key) && key !== `of ${at}`,
        );
        if (before !== users[at] || after["user"] !== users[at] || others.length > 0) {
          wrong.push([users[at], before, after]);
        }
        if (setCookie !== undefined) browsers[at]?.jar.take([setCookie]);
      };
      for (let wave = 0; wave < 50; wave++) {
        await Promise.all(Array.from({ length: 80 }, (_, i) => one(wave * 80 + i)));
      }
      expect(wrong).toEqual([]);
    });

    test("what one request reads, no other one can change", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      const value = { list: [1, { deep: true }], date: new Date(0), map: new Map([["a", 1]]) };
      await browser.visit((conn) => sessions.putSession(conn, "value", value));
      value.list.push(2);
      await browser.visit((conn) => {
        const read = sessions.getSession(conn, "value") as typeof value;
        expect(() => read.list.push(3)).toThrow(TypeError);
        expect(() => Object.assign(read.list[1] as object, { deep: false })).toThrow(TypeError);
        read.date.setTime(1);
        read.map.set("b", 2);
      });
      const { read } = await world.read(sessions, browser.jar.header);
      expect(read["value"]).toEqual({
        list: [1, { deep: true }],
        date: new Date(0),
        map: new Map([["a", 1]]),
      });
    });
  });

  everyHost((driver) => {
    test.each(storeKinds)(
      "with $name, users on the same connections get their own page and cookie",
      async (stores) => {
        const world = await openHost(
          { driver, stores },
          ({ sessions }) =>
            async ({ conn, path, query }) => {
              if (path === "/log-in") sessions.putSession(conn, "user", query.get("user") ?? "");
              await turns(randomInt(5));
              sessions.updateSession(conn, "n", (n = 0) => n + 1);
              await turns(randomInt(5));
              return { body: `${sessions.getSession(conn, "user")}` };
            },
        );
        const client = world.client();
        const browsers = Array.from({ length: 8 }, () => new Browser(client));
        const wrong: unknown[] = [];
        await Promise.all(
          browsers.map(async (browser, at) => {
            await browser.get(`/log-in?user=${at}`);
            for (let i = 0; i < 10; i++) {
              const { body } = await browser.get("/");
              if (body !== String(at)) wrong.push([at, body]);
            }
          }),
        );
        expect(wrong).toEqual([]);
        expect(world.errors).toEqual([]);
      },
    );
  });
});

incident("GitHub 2021-03-08", () => {
  everyStore((open) => {
    test("a job that keeps a request's session after its answer writes into nobody's, and sees no other's", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const alice = await world.signedIn("alice", sessions);
      const kept = await alice.begin();
      const session = kept.run((conn) => sessions.of(conn));
      kept.run((conn) => sessions.getSession(conn));
      await kept.finish();
      // The next request, in the same process, is somebody else's.
      const bob = await world.signedIn("bob", sessions);
      const next = await bob.begin();
      expect(() => session.put("user", "alice, late")).toThrow(
        expect.objectContaining({ code: "ERR_SESSION_COMMITTED" }),
      );
      expect(session.get("user")).toBe("alice");
      expect(next.run((conn) => sessions.getSession(conn, "user"))).toBe("bob");
      const { setCookie } = await next.finish();
      expect(setCookie ?? "").not.toContain(alice.jar.value(KEY) ?? "");
      expect(await kept.finish()).toMatchObject({ setCookie: undefined });
      for (const [browser, user] of [
        [alice, "alice"],
        [bob, "bob"],
      ] as const) {
        expect((await world.read(sessions, browser.jar.header)).read["user"]).toBe(user);
      }
    });
  });
});
