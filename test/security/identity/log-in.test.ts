/** Fixation: what was known before a log-in opens nothing of it. */
import { expect, test } from "vitest";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import type { Fault } from "../../support/tables/async-table.ts";
import type { Browser } from "../../support/browser.ts";
import { incident, row } from "../support/row.ts";
import { everyStore, everyTable } from "../support/stores.ts";
import { GRACE, World, cookieOf } from "../support/world.ts";

/** A browser in which somebody else's cookie stands: that of a session with a cart. */
async function fixed(world: World, sessions = world.sessions()): Promise<[Browser, string]> {
  const browser = world.browser(sessions);
  await browser.visit((conn) => sessions.putSession(conn, "cart", ["planted"]));
  return [browser, browser.jar.header ?? ""];
}

/** What the attacker's copy must not show, at any time. */
async function expectNothingOf(world: World, header: string): Promise<void> {
  for (const seconds of [0, GRACE - 1, 1, 60]) {
    world.time.pass(seconds);
    const { read } = await world.read(world.sessions(), header);
    expect(read).not.toHaveProperty("user");
    expect(read).not.toHaveProperty("canary");
  }
}

row("S6", () => {
  everyStore((open) => {
    test("a planted cookie shows nothing of the log-in that follows", async () => {
      const world = new World(await open());
      const [victim, planted] = await fixed(world);
      await world.signIn(victim);
      expect(victim.jar.header).not.toBe(planted);
      await expectNothingOf(world, planted);
    });

    test("a log-in of another user, a second factor and a return to fewer rights each change the cookie", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const cookies = [cookieOf(browser)];
      for (const change of [{ user: "bob" }, { sudo: true }, { sudo: false }]) {
        await browser.visit((conn) => {
          sessions.renewSession(conn);
          for (const [key, value] of Object.entries(change)) sessions.putSession(conn, key, value);
        });
        cookies.push(cookieOf(browser));
      }
      expect(new Set(cookies).size).toBe(4);
    });

    test("a log-in changes the cookie if the option subject is given, although the request did not ask", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ subject: "user" });
      const [victim, planted] = await fixed(world, sessions);
      await victim.visit((conn) => {
        sessions.putSession(conn, "user", "alice");
        sessions.putSession(conn, "canary", world.canary);
      });
      expect(victim.jar.header).not.toBe(planted);
      await expectNothingOf(world, planted);
    });
  });

  everyTable((open) => {
    test("the planted cookie reads the cart for the grace, writes nothing, and then opens nothing", async () => {
      const world = new World(await open());
      const [victim, planted] = await fixed(world);
      await world.signIn(victim);
      world.time.pass(GRACE - 1);
      const { read, cookie } = await world.write(world.sessions(), planted);
      expect([read, cookie]).toEqual([{ cart: ["planted"] }, undefined]);
      const own = await world.read(world.sessions(), victim.jar.header);
      expect(own.read).toEqual({ cart: ["planted"], user: "alice", canary: world.canary });
      world.time.pass(1);
      const late = await world.read(world.sessions(), planted);
      expect([late.read, late.refused]).toEqual([{}, ["retired"]]);
    });

    test("a slow request with the planted cookie writes nothing into the victim's session", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const [victim, planted] = await fixed(world, sessions);
      const attacker = world.browser(world.sessions());
      attacker.jar.take([planted]);
      const slow = await attacker.begin();
      slow.run((conn) => attacker.sessions.putSession(conn, "evil", 1));
      await world.signIn(victim);
      const { setCookie } = await slow.finish();
      expect(setCookie).toBeUndefined();
      const { read } = await world.read(sessions, victim.jar.header);
      expect(read).toEqual({ cart: ["planted"], user: "alice", canary: world.canary });
      await expectNothingOf(world, planted);
    });

    test.each<readonly [verb: "replace" | "get", fault: Fault]>([
      ["replace", "throws"],
      ["replace", "rejects"],
      ["replace", "loses the answer"],
      ["get", "rejects"],
    ])("a log-in whose %s %s leaves the planted cookie without it", async (verb, fault) => {
      const world = new World(await open());
      const [victim, planted] = await fixed(world);
      const table = new AsyncTable(world.place.table as NonNullable<typeof world.place.table>);
      const broken = world.browser(world.sessions({}, tableStore({ table })));
      broken.jar.take([planted]);
      table.breakNext(verb, fault);
      const done = await world.signIn(broken).then(
        () => true,
        (error: { code?: string }) => {
          expect(error.code).toBe("ERR_SESSION_STORE");
          return false;
        },
      );
      await expectNothingOf(world, planted);
      // A log-in that failed may be tried again; one that did not is one.
      if (!done) {
        const { read } = await world.read(world.sessions(), victim.jar.header);
        expect(read).toEqual({ cart: ["planted"] });
      }
      const again = done ? broken : victim;
      if (!done) await world.signIn(again);
      expect((await world.read(world.sessions(), again.jar.header)).read["user"]).toBe("alice");
    });
  });
});

incident("CVE-2018-11385", () => {
  everyStore((open) => {
    test.each(["renew", "configure", "update"] as const)(
      "a log-in by %s retires the cookie from before",
      async (way) => {
        const world = new World(await open());
        const sessions = world.sessions(way === "update" ? { subject: "user" } : {});
        const [victim, planted] = await fixed(world, sessions);
        await victim.visit((conn) => {
          if (way === "update") return sessions.updateSession(conn, "user", () => "alice");
          if (way === "renew") sessions.of(conn).renew();
          else sessions.configureSession(conn, "renew", true);
          return sessions.putSession(conn, "user", "alice");
        });
        await expectNothingOf(world, planted);
      },
    );
  });
});

incident("GHSA-xg6x-h9c9-2m83", () => {
  everyStore((open) => {
    test("a cookie from before the second factor never gets that factor, however often it was read and cached", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const { header } = browser.jar;
      for (let i = 0; i < 3; i++) await world.read(sessions, header);
      await browser.visit((conn) => {
        sessions.renewSession(conn);
        sessions.putSession(conn, "second_factor", true);
      });
      for (const process of [sessions, world.sessions()]) {
        const { read } = await world.read(process, header);
        expect(read).not.toHaveProperty("second_factor");
      }
      const { read } = await world.read(sessions, browser.jar.header);
      expect(read["second_factor"]).toBe(true);
    });
  });
});

row("S7", () => {
  everyStore((open) => {
    test("a log-in over a session that an attacker has planted finds no token, flag or address of the attacker's", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ subject: "user" });
      const victim = world.browser(sessions);
      await victim.visit((conn) => {
        sessions.of(conn).put("user", "mallory").put("form_token", "known to the attacker");
        sessions.of(conn).put("second_factor", true).flash("notice", "of the attacker");
      });
      await victim.visit((conn) => sessions.putSession(conn, "user", "alice"));
      const { read } = await world.read(sessions, victim.jar.header);
      expect(read).toEqual({ user: "alice" });
      const { result } = await victim.visit((conn) => sessions.of(conn).flash("notice"));
      expect(result).toBeUndefined();
    });
  });

  everyStore((open) => {
    test("the cookie from before a log-in does not read the CSRF token that the log-in puts", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      await browser.visit((conn) =>
        sessions.putSession(conn, "form_token", "known to the attacker"),
      );
      const { header } = browser.jar;
      await browser.visit((conn) => {
        sessions.renewSession(conn);
        sessions.putSession(conn, "form_token", world.canary);
      });
      expect((await world.read(sessions, header)).read["form_token"]).toBe("known to the attacker");
      expect((await world.read(sessions, browser.jar.header)).read["form_token"]).toBe(
        world.canary,
      );
    });
  });
});
