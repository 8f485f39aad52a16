/** `limit`, over any table. */
import { expect } from "vitest";
import { stops } from "../../support/events.ts";
import { IDLE, TOUCH, handlesOf, labelsOf } from "./world.ts";
import type { Person, SubjectsCase } from "./world.ts";

export const LIMIT_CASES: readonly SubjectsCase[] = [
  [
    "a log-in beyond the limit ends the oldest sessions, and only the subject's",
    async (world) => {
      const sessions = world.process({ limit: 2 });
      const bob = await world.logIn(sessions, "bob");
      const people: Person[] = [];
      for (const device of ["a", "b", "c", "d"]) {
        people.push(await world.logIn(sessions, "ann", device));
      }
      expect(labelsOf(await sessions.list("ann", { label: "device" }))).toEqual(["d", "c"]);
      const alive = await Promise.all(people.map((person) => person.isStill()));
      expect(alive).toEqual([undefined, undefined, "ann", "ann"]);
      expect(await bob.isStill()).toBe("bob");
    },
  ],
  [
    "a session that has expired, was logged out or revoked does not count",
    async (world) => {
      const sessions = world.process({ limit: 2 });
      await world.logIn(sessions, "ann", "expires");
      world.time.pass(IDLE - TOUCH);
      const stays = await world.logIn(sessions, "ann", "stays");
      world.time.pass(TOUCH);
      const leaves = await world.logIn(sessions, "ann", "leaves");
      expect(await stays.isStill()).toBe("ann");
      await leaves.logOut();
      const revoked = await world.logIn(sessions, "ann", "is revoked");
      await sessions.revokeOne("ann", revoked.handle);
      await world.logIn(sessions, "ann", "is new");
      expect(await stays.isStill()).toBe("ann");
      expect(labelsOf(await sessions.list("ann", { label: "device" }))).toEqual([
        "is new",
        "stays",
      ]);
    },
  ],
  [
    "the newest three of twelve log-ins at once in four processes live, by moment and handle",
    async (world) => {
      const processes = Array.from({ length: 4 }, () => world.process({ limit: 3 }));
      const people = Array.from({ length: 12 }, (_, i) => {
        const person = world.browser(processes[i % 4] as (typeof processes)[number]);
        return { person, logIn: person.logIn("ann", `${i}`) };
      });
      await Promise.all(people.map(({ logIn }) => logIn));
      const [sessions] = processes as [(typeof processes)[number]];
      const listed = await sessions.list("ann", { label: "device" });
      expect(listed).toHaveLength(3);
      // A process counts its log-ins up: the last three of those that came last in theirs.
      const last = new Set(["8", "9", "10", "11"]);
      expect(labelsOf(listed).filter((label) => !last.has(String(label)))).toEqual([]);
      expect(handlesOf(listed)).toEqual(handlesOf(listed).toSorted((a, b) => (a < b ? 1 : -1)));
      const living: string[] = [];
      for (const { person } of people) if (await person.isStill()) living.push(person.handle);
      expect(living.toSorted()).toEqual(handlesOf(listed).toSorted());
    },
  ],
  [
    "a log-in gets no cookie if newer ones have pushed it out before its answer left",
    async (world) => {
      const sessions = world.process({ limit: 1 });
      const late = world.browser(sessions);
      const request = await late.browser.begin();
      request.run((conn) => sessions.putSession(conn, "user", "ann"));
      const newest = await world.logIn(sessions, "ann");
      const { events, setCookie } = await late.browser.receive(request);
      expect([stops(events), setCookie]).toEqual([["revoked"], undefined]);
      expect(handlesOf(await sessions.list("ann"))).toEqual([newest.handle]);
    },
  ],
  [
    "a lower limit takes effect with the next log-in",
    async (world) => {
      const generous = world.process();
      for (const device of ["a", "b", "c", "d"]) await world.logIn(generous, "ann", device);
      const sessions = world.process({ limit: 2 });
      expect(await sessions.list("ann")).toHaveLength(4);
      world.time.pass(1);
      await world.logIn(sessions, "ann", "e");
      expect(labelsOf(await sessions.list("ann", { label: "device" }))).toEqual(["e", "d"]);
    },
  ],
];
