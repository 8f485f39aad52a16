/** What has ended stays ended. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import type { Browser } from "../../support/browser.ts";
import { incident, row } from "../support/row.ts";
import { everyRow } from "../support/stores.ts";
import { World, cookieOf, handleOf } from "../support/world.ts";

async function logOut({ sessions, jar }: Browser, world: World): Promise<void> {
  await world.offer(sessions, jar.header, ({ configure }) => {
    configure("drop", true);
    return {};
  });
}

row("S17", () => {
  everyRow((open) => {
    test("a copy of the cookie reads nothing after the log-out, in any process", async () => {
      const world = new World(await open());
      const processes = [world.sessions(), world.sessions(), world.sessions()];
      const browser = await world.signedIn("alice", processes[0]);
      for (const each of processes) {
        expect((await world.read(each, browser.jar.header)).read["user"]).toBe("alice");
      }
      await logOut(browser, world);
      for (const each of processes) {
        const { read, refused } = await world.read(each, browser.jar.header);
        expect([read, refused]).toEqual([{}, ["unknown"]]);
      }
    });

    test("every cookie that was ever issued for the session ends with it", async () => {
      const world = new World(await open());
      const browser = await world.signedIn();
      const headers = [browser.jar.header];
      for (let i = 0; i < 3; i++) {
        await world.signIn(browser);
        headers.push(browser.jar.header);
      }
      await logOut(browser, world);
      for (const each of headers)
        expect((await world.read(world.sessions(), each)).read).toEqual({});
    });

    test("a log-out removes the row from what the database keeps", async () => {
      const world = new World(await open());
      const browser = await world.signedIn();
      const handle = handleOf(cookieOf(browser));
      await logOut(browser, world);
      expect(await world.place.table?.get(handle)).toBeUndefined();
    });
  });
});

incident("CVE-2025-46336", () => {
  everyRow((open) => {
    test.each(["writes", "reads so late that it is a touch", "renews"])(
      "a request that %s after the log-out does not bring the session back",
      async (what) => {
        const world = new World(await open());
        const browser = await world.signedIn();
        const handle = handleOf(cookieOf(browser));
        const slow = world.browser(world.sessions());
        slow.jar.take([browser.jar.header ?? ""]);
        world.time.pass(600);
        const parked = await slow.begin();
        // It has seen the session, and works on.
        expect(parked.run((conn) => slow.sessions.getSession(conn)["user"])).toBe("alice");
        await logOut(browser, world);
        if (what === "writes") parked.run((conn) => slow.sessions.putSession(conn, "a", 1));
        if (what === "renews") parked.run((conn) => slow.sessions.renewSession(conn));
        const { setCookie } = await parked.finish();
        expect(setCookie).toBeUndefined();
        expect(await world.place.table?.get(handle)).toBeUndefined();
        expect((await world.read(world.sessions(), slow.jar.header)).read).toEqual({});
      },
    );
  });
});

incident("better-auth, 2025", () => {
  everyRow((open) => {
    test("a log-out with another session's handle, and not its token, ends nothing", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const victim = await world.signedIn("alice", sessions);
      const cookie = cookieOf(victim);
      const mallory = cookieOf(await world.signedIn("mallory", sessions));
      const twisted = cookie.slice(0, -1) + (cookie.endsWith("A") ? "Q" : "A");
      const borrowed = cookie.slice(0, 22) + mallory.slice(22);
      for (const header of [
        `sid=${twisted}`,
        `sid=${borrowed}`,
        `sid=${twisted}; sid=${mallory}`,
        `sid=${cookie.slice(0, 22)}`,
      ]) {
        await world.offer(sessions, header, ({ configure }) => {
          configure("drop", true);
          return {};
        });
        expect((await world.read(sessions, `sid=${cookie}`)).read["user"]).toBe("alice");
      }
    });

    test("a log-out with the tokens of two sessions ends both, because nobody knows which one is meant", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const cookies = [
        cookieOf(await world.signedIn("alice", sessions)),
        cookieOf(await world.signedIn("mallory", sessions)),
      ];
      const header = cookies.map((each) => `sid=${each}`).join("; ");
      await world.offer(sessions, header, ({ configure }) => {
        configure("drop", true);
        return {};
      });
      for (const cookie of cookies) {
        expect((await world.read(sessions, `sid=${cookie}`)).read).toEqual({});
      }
    });

    test("a token from before another subject's log-in does not end that subject's session", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ subject: "user" });
      const browser = await world.signedIn("mallory", sessions);
      const before = browser.jar.header;
      await world.signIn(browser, "alice");
      await world.offer(sessions, before, ({ configure }) => {
        configure("drop", true);
        return {};
      });
      expect((await world.read(sessions, browser.jar.header)).read["user"]).toBe("alice");
    });

    test("a request that waits with a token that has become unknown ends nothing", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ subject: "user" });
      const browser = await world.signedIn("mallory", sessions);
      const parked = await browser.begin();
      parked.run((conn) => sessions.getSession(conn));
      // Twice: the row keeps the hash of the one before, and no more.
      await world.signIn(browser, "alice");
      await world.signIn(browser, "alice");
      parked.run((conn) => sessions.dropSession(conn));
      expect((await parked.finish()).setCookie).toBeUndefined();
      expect((await world.read(sessions, browser.jar.header)).read["user"]).toBe("alice");
    });
  });
});

incident("CVE-2023-20862", () => {
  everyRow((open) => {
    test("a session that a log-out has emptied is empty for a process that never saw it", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const { header } = browser.jar;
      await browser.visit((conn) => {
        sessions.deleteSession(conn, "user");
        sessions.deleteSession(conn, "canary");
      });
      expect((await world.read(world.sessions(), header)).read).toEqual({});
      await logOut(browser, world);
      expect((await world.read(world.sessions(), header)).read).toEqual({});
    });
  });
});

incident("CVE-2021-34428", () => {
  everyRow((open) => {
    test("a listener that throws at the log-out does not keep the session", async () => {
      const world = new World(await open());
      const browser = await world.signedIn();
      const names = ["commit", "drop", "refuse"].map((name) => `sojourn:${name}`);
      let thrown = 0;
      const listener = (): never => {
        thrown += 1;
        throw new Error("a listener of the application");
      };
      const others = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.on("uncaughtException", () => {});
      for (const name of names) subscribe(name, listener);
      try {
        await logOut(browser, world);
        await new Promise((resolve) => setImmediate(resolve));
      } finally {
        for (const name of names) unsubscribe(name, listener);
        process.removeAllListeners("uncaughtException");
        for (const each of others) process.on("uncaughtException", each);
      }
      expect(thrown).toBeGreaterThan(0);
      expect((await world.read(world.sessions(), browser.jar.header)).read).toEqual({});
    });
  });
});
