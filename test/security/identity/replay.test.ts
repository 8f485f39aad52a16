/** A sealed cookie is a copy of the session: how long it works, and how it is taken back. */
import { expect, test } from "vitest";
import { incident, row } from "../support/row.ts";
import { theRevocableCookie, theSealedCookie } from "../support/stores.ts";
import { GRACE, LIFETIME, World } from "../support/world.ts";

row("S25", () => {
  theSealedCookie((open) => {
    test("a copy of the cookie ends at the deadlines inside the seal, without any Max-Age", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const { header } = browser.jar;
      expect(browser.jar.cookies[0]?.maxAge).toBeNull();
      world.time.pass(LIFETIME.idle - 1);
      expect((await world.read(world.sessions(), header)).read["user"]).toBe("alice");
      world.time.pass(1);
      expect((await world.read(world.sessions(), header)).refused).toEqual(["expired"]);
    });

    test("a machine whose clock is behind opens the cookie of one that is ahead, and neither opens it for longer than promised", async () => {
      const world = new World(await open());
      const ahead = world.sessions({ now: () => world.time.now() + 30_000 });
      const { header } = (await world.signedIn("alice", ahead)).jar;
      expect((await world.read(world.sessions(), header)).read["user"]).toBe("alice");
      world.time.pass(LIFETIME.idle + 30);
      expect((await world.read(world.sessions(), header)).read).toEqual({});
      expect((await world.read(ahead, header)).read).toEqual({});
    });

    test("a shorter absolute lifetime, configured later, ends the cookies that exist", async () => {
      const world = new World(await open());
      const { header } = (await world.signedIn()).jar;
      const stricter = world.sessions({ lifetime: { idle: 60, absolute: 120 } });
      world.time.pass(119);
      expect((await world.read(stricter, header)).read["user"]).toBe("alice");
      world.time.pass(1);
      expect((await world.read(stricter, header)).refused).toEqual(["expired"]);
    });
  });

  theRevocableCookie((open) => {
    test("with revocations a copy ends at the log-out, in every process, even if it was sealed again since", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = await world.signedIn("alice", sessions);
      const copies = [browser.jar.header];
      await browser.visit((conn) => sessions.putSession(conn, "more", 1));
      copies.push(browser.jar.header);
      await browser.visit((conn) => sessions.dropSession(conn));
      for (const process of [sessions, world.sessions()]) {
        for (const header of copies) {
          const { read, refused } = await world.write(process, header);
          expect([read, refused]).toEqual([{}, ["revoked"]]);
        }
      }
    });

    test("with revocations a renewal ends the seals from before it, after its grace", async () => {
      const world = new World(await open());
      const browser = await world.signedIn();
      const before = browser.jar.header;
      await world.signIn(browser);
      const during = await world.write(world.sessions(), before);
      expect([during.read["user"], during.cookie]).toEqual(["alice", undefined]);
      world.time.pass(GRACE);
      expect((await world.read(world.sessions(), before)).read).toEqual({});
      expect((await world.read(world.sessions(), browser.jar.header)).read["user"]).toBe("alice");
    });

    test("a log-out also ends the cookies from before a renewal of the last seconds", async () => {
      const world = new World(await open());
      const browser = await world.signedIn();
      const before = browser.jar.header;
      await world.signIn(browser);
      await browser.visit((conn) => browser.sessions.dropSession(conn));
      const offered = await world.read(world.sessions(), before);
      expect([offered.read, offered.refused]).toEqual([{}, ["revoked"]]);
    });

    test("a request under way at the log-out seals nothing that opens", async () => {
      const world = new World(await open());
      const browser = await world.signedIn();
      const slow = world.browser(world.sessions());
      slow.jar.take([browser.jar.header ?? ""]);
      const request = await slow.begin();
      request.run((conn) => slow.sessions.getSession(conn));
      await browser.visit((conn) => browser.sessions.dropSession(conn));
      request.run((conn) => slow.sessions.putSession(conn, "late", 1));
      await slow.receive(request);
      expect((await world.read(world.sessions(), slow.jar.header)).read).toEqual({});
    });
  });
});

incident("CVE-2024-31999", () => {
  theRevocableCookie((open) => {
    test("a cookie from before a log-out ends at once, if revocations are kept", async () => {
      const world = new World(await open());
      const browser = await world.signedIn();
      const { header } = browser.jar;
      await browser.visit((conn) => browser.sessions.dropSession(conn));
      expect((await world.read(world.sessions(), header)).refused).toEqual(["revoked"]);
    });
  });

  theSealedCookie((open) => {
    test("a cookie from before a log-out, and every older one, ends at its own deadline", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ persist: true });
      const browser = await world.signedIn("alice", sessions);
      const headers: (string | undefined)[] = [];
      for (let i = 0; i < 5; i++) {
        headers.push(browser.jar.header);
        world.time.pass(LIFETIME.idle / 2);
        await browser.visit((conn) => sessions.putSession(conn, "n", i));
      }
      await browser.visit((conn) => sessions.dropSession(conn));
      expect(browser.jar.header).toBeUndefined();
      world.time.pass(LIFETIME.idle / 2);
      for (const header of headers) {
        expect((await world.read(sessions, header)).refused).toEqual(["expired"]);
      }
    });
  });
});
