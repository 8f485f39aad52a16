/** Secrets that change by time: what was copied once is worth nothing soon, and the user notices nothing. */
import { expect, test } from "vitest";
import { Visit } from "../../support/visit.ts";
import { row } from "../support/row.ts";
import { everyRow } from "../support/stores.ts";
import { GRACE, World, cookieOf, handleOf } from "../support/world.ts";

const EVERY = 900;

row("S16", () => {
  everyRow((open) => {
    test("fifty parallel requests across a renewal stay logged in, and one token is left", async () => {
      const world = new World(await open());
      const sessions = world.sessions({
        lifetime: { idle: 3600, absolute: 36_000, renewEvery: EVERY },
      });
      const browser = await world.signedIn("alice", sessions);
      const stolen = cookieOf(browser);
      world.time.pass(EVERY);
      const requests = await Promise.all(
        Array.from({ length: 50 }, () => Visit.begin(sessions, browser.jar.header)),
      );
      const answers = await Promise.all(
        requests.map(async (request) => {
          expect(request.run((conn) => sessions.getSession(conn, "user"))).toBe("alice");
          return request.finish();
        }),
      );
      const sent = answers.flatMap(({ setCookie }) => (setCookie === undefined ? [] : [setCookie]));
      expect(sent.length).toBeGreaterThan(0);
      // The answers may arrive in any order: whichever the browser keeps, it stays signed in.
      for (const setCookie of sent) {
        const header = setCookie.split(";")[0];
        expect((await world.read(sessions, header)).read["user"]).toBe("alice");
        expect(handleOf(header?.slice(4) ?? "")).toBe(handleOf(stolen));
      }
      browser.jar.take(sent);
      expect(cookieOf(browser)).not.toBe(stolen);
      // The old one is good until the new one has come, and for a while after that.
      await browser.visit((conn) => sessions.putSession(conn, "a", 1));
      expect((await world.read(sessions, `sid=${stolen}`)).read["user"]).toBe("alice");
      world.time.pass(GRACE);
      const { read, events } = await world.write(sessions, `sid=${stolen}`);
      expect(read).toEqual({});
      // Somebody has a copy: that is an event, with the handle of the session.
      expect(events).toContainEqual(
        expect.objectContaining({ name: "refuse", reason: "retired", handle: handleOf(stolen) }),
      );
      const after = await world.read(sessions, browser.jar.header);
      expect(after.read).toEqual({ user: "alice", canary: world.canary, a: 1 });
    });

    test("an answer that is lost on its way ends no session", async () => {
      const world = new World(await open());
      const lifetime = { idle: 3600, absolute: 36_000, renewEvery: EVERY };
      const sessions = world.sessions({ lifetime });
      const browser = await world.signedIn("alice", sessions);
      for (let lost = 0; lost < 5; lost++) {
        world.time.pass(EVERY / 2);
        const request = await browser.begin();
        request.run((conn) => sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1));
        await request.finish(); // Never reaches the browser.
      }
      const { result } = await browser.visit((conn) => sessions.getSession(conn, "n"));
      expect(result).toBe(5);
    });
  });
});
