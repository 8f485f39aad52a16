/** What an application that listens is told, for its log. */
import { expect, test } from "vitest";
import { hear } from "../../support/events.ts";
import type { SessionEvent } from "../../support/events.ts";
import { row } from "../support/row.ts";
import { everyRow, everyUnsealedRow } from "../support/stores.ts";
import { LIFETIME, World, cookieOf } from "../support/world.ts";

/** Name and reason, without the housekeeping of each request. */
function told(events: readonly SessionEvent[]): readonly string[] {
  return events.map((event) => ("error" in event ? event.name : `${event.name} ${event.reason}`));
}

row("S39", () => {
  everyUnsealedRow((open) => {
    test("creation, renewal, end, refusal and expiry are one event each, with the cookie's name, the handle and the reason", async () => {
      const world = new World(await open());
      const sessions = world.sessions();
      const browser = world.browser(sessions);
      const isTable = world.place.table !== undefined;
      const log: SessionEvent[] = [];
      const first = await browser.visit((conn) => sessions.putSession(conn, "cart", 1));
      expect(told(first.events)).toEqual(["commit create"]);
      log.push(...first.events);
      const handle = (await browser.visit((conn) => sessions.of(conn).handle)).result;
      const steps: readonly (readonly [
        told: string,
        events: () => Promise<readonly SessionEvent[]>,
      ])[] = [
        [
          "commit write",
          async () => (await browser.visit((conn) => sessions.putSession(conn, "cart", 2))).events,
        ],
        [
          "renew asked",
          async () => (await browser.visit((conn) => sessions.renewSession(conn))).events,
        ],
        ["refuse malformed", async () => (await world.read(sessions, "sid=x")).events],
        [
          isTable ? "refuse unknown-token" : "refuse forged",
          async () => (await world.read(sessions, `sid=${twist(cookieOf(browser))}`)).events,
        ],
        [
          "drop asked",
          async () => (await browser.visit((conn) => sessions.dropSession(conn))).events,
        ],
      ];
      for (const [expected, run] of steps) {
        const events = await run();
        expect(told(events)).toEqual([expected]);
        log.push(...events);
      }
      const { jar } = await world.signedIn("alice", sessions);
      world.time.pass(LIFETIME.idle);
      const expired = await world.read(sessions, jar.header);
      expect(told(expired.events)).toEqual(["expire idle"]);
      for (const event of [...log, ...expired.events]) expect(event.cookieName).toBe("sid");
      expect(
        log.filter((event) => "handle" in event && event.handle === handle).length,
      ).toBeGreaterThan(1);
    });

    test("the event tells a session past its absolute deadline from one that was idle", async () => {
      const world = new World(await open());
      const lifetime = { idle: 60, absolute: 60 };
      const sessions = world.sessions({ lifetime });
      const { jar } = await world.signedIn("alice", sessions);
      world.time.pass(60);
      expect(told((await world.read(sessions, jar.header)).events)).toEqual(["expire absolute"]);
    });
  });

  everyRow((open) => {
    test("a revocation is an event, and each refusal after it is another one", async () => {
      const world = new World(await open());
      const sessions = world.sessions({ subject: "user" });
      const { jar } = await world.signedIn("alice", sessions);
      const events: SessionEvent[] = [];
      await hear(events, () => sessions.revoke("alice"));
      expect(told(events).filter((each) => each.startsWith("revoke"))).not.toEqual([]);
      expect(told((await world.read(sessions, jar.header)).events)).toEqual(["refuse unknown"]);
    });
  });
});

/** Another secret for the same handle; another seal under the same key. */
function twist(cookie: string): string {
  const at = cookie.length - 4;
  return cookie.slice(0, at) + (cookie[at] === "A" ? "B" : "A") + cookie.slice(at + 1);
}
