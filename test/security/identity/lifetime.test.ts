/** Sessions end by the server's clock, whatever the browser says. */
import { expect, test } from "vitest";
import { incident, row } from "../support/row.ts";
import { everyStore } from "../support/stores.ts";
import { LIFETIME, World } from "../support/world.ts";

const MILLISECOND = 0.001;
/** Touches are no oftener than this: what a session may end too early. */
const QUANTUM = Math.min(LIFETIME.idle / 10, 300);

row("S14", () => {
  everyStore((open) => {
    test("a session reads a millisecond before its idle deadline, and not at the deadline", async () => {
      const world = new World(await open());
      const { header } = (await world.signedIn()).jar;
      world.time.pass(LIFETIME.idle - MILLISECOND);
      expect((await world.read(world.sessions(), header)).read["user"]).toBe("alice");
      world.time.pass(MILLISECOND);
      const { read, refused } = await world.read(world.sessions(), header);
      expect([read, refused]).toEqual([{}, ["expired"]]);
    });

    test("a browser that keeps the cookie for ever, or says another age, keeps no session", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ persist: true });
      const { header } = (await world.signedIn("alice", sessions)).jar;
      world.time.pass(LIFETIME.idle);
      const lies = `${header}; Max-Age=99999999; Expires=Fri, 31 Dec 9999 23:59:59 GMT; $Expires=0`;
      expect((await world.read(sessions, lies)).read).toEqual({});
    });

    test("a session in use lives as long as promised but for one quantum of its throttled touch", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      let touched = 0;
      // Looks each minute, for most of the absolute lifetime; then a pause of idle minus the quantum.
      for (let minute = 0; minute < 120; minute++) {
        world.time.pass(60);
        const { result, events } = await browser.visit((conn) => sessions.getSession(conn)["user"]);
        expect(result).toBe("alice");
        touched += events.length > 0 ? 1 : 0;
      }
      expect(touched).toBeLessThanOrEqual(Math.ceil((120 * 60) / QUANTUM));
      world.time.pass(LIFETIME.idle - QUANTUM - MILLISECOND);
      expect((await world.read(sessions, browser.jar.header)).read["user"]).toBe("alice");
      world.time.pass(QUANTUM + MILLISECOND);
      expect((await world.read(sessions, browser.jar.header)).read).toEqual({});
    });

    test("a request that does not look at the session does not keep it alive", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      for (let i = 0; i < 10; i++) {
        world.time.pass(LIFETIME.idle / 10);
        await browser.visit(() => "a picture");
      }
      expect((await world.read(sessions, browser.jar.header)).read).toEqual({});
    });
  });
});

row("S15", () => {
  everyStore((open) => {
    test("a session that is used each minute ends at its absolute deadline", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const minutes = LIFETIME.absolute / 60;
      for (let minute = 1; minute < minutes; minute++) {
        world.time.pass(60);
        await browser.visit((conn) => sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1));
      }
      const last = await world.read(sessions, browser.jar.header);
      expect(last.read).toMatchObject({ user: "alice", n: minutes - 1 });
      world.time.pass(60);
      const { read, refused } = await world.read(sessions, browser.jar.header);
      expect([read, refused]).toEqual([{}, ["expired"]]);
    });

    test("neither a renewal nor a changed attribute starts the absolute lifetime again", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ persist: true });
      const browser = await world.signedIn("alice", sessions);
      for (
        let passed = 0;
        passed < LIFETIME.absolute - LIFETIME.idle;
        passed += LIFETIME.idle / 2
      ) {
        world.time.pass(LIFETIME.idle / 2);
        await browser.visit((conn) => {
          sessions.renewSession(conn);
          sessions.configureSession(conn, "sameSite", "strict");
          sessions.putSession(conn, "at", passed);
        });
      }
      world.time.pass(LIFETIME.idle - MILLISECOND);
      expect((await world.read(sessions, browser.jar.header)).read["user"]).toBe("alice");
      world.time.pass(MILLISECOND);
      expect(browser.jar.header).toBeUndefined();
      const { headers } = await world
        .signedIn("bob", sessions)
        .then((bob) => bob.visit((conn) => sessions.configureSession(conn, "sameSite", "strict")));
      expect(headers.get("set-cookie")).toContain(`Max-Age=${LIFETIME.absolute};`);
    });
  });
});

incident("CVE-2024-35220", () => {
  everyStore((open) => {
    test("a deadline stays the same when it is stored and read again, over and over", async () => {
      const world = new World(await open());
      // Nobody looks: each process only stores what it has read, under the same deadline.
      const browser = await world.signedIn();
      for (let i = 0; i < 20; i++) {
        world.time.pass(LIFETIME.idle / 20 - 1);
        const { read } = await world.read(world.sessions({ persist: true }), browser.jar.header);
        expect(read["user"]).toBe("alice");
      }
      world.time.pass(20);
      const { read, refused } = await world.read(world.sessions(), browser.jar.header);
      expect([read, refused]).toEqual([{}, ["expired"]]);
    });
  });
});
