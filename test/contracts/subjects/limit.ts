/** `limit`, over any table. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect } from "vitest";
import type { SessionEvents } from "../../../src/core/events.ts";
import { stops } from "../../support/events.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { IDLE, TOUCH, handlesOf, labelsOf } from "./world.ts";
import type { Person, SubjectsCase } from "./world.ts";

/** The error of a log-in that the limit refuses. */
const REFUSED = { code: "ERR_SESSION_CONFLICT", reason: "limit" };
const REFUSING = { max: 2, refuse: true };

export const LIMIT_CASES: readonly SubjectsCase[] = [
  [
    "with refuse, a log-in beyond the limit is an error with the reason limit, and stores and sends nothing",
    async (world) => {
      const sessions = world.process({ limit: REFUSING });
      const people = [await world.logIn(sessions, "ann"), await world.logIn(sessions, "ann")];
      const before = handlesOf(await sessions.list("ann"));
      const keys: string[] = [];
      const told = verbsOf(world.table, {
        insert: (...args) => (keys.push(args[0]), world.table.insert(...args)),
      });
      const third = world.browser(world.process({ limit: REFUSING }, told));
      const events: unknown[] = [];
      const listen = (event: unknown): void => {
        if ((event as SessionEvents["stop"]).cookieName === world.key) events.push(event);
      };
      subscribe("sojourn:stop", listen);
      await expect(third.logIn("ann")).rejects.toMatchObject(REFUSED);
      unsubscribe("sojourn:stop", listen);
      expect(events).toEqual([{ cookieName: world.key, handle: undefined, reason: "limit" }]);
      expect([keys, third.browser.jar.cookies]).toEqual([[], []]);
      expect(handlesOf(await sessions.list("ann"))).toEqual(before);
      for (const person of people) expect(await person.isStill()).toBe("ann");
      // Another user may sign in, and so may this one after a log-out.
      await third.logIn("bob");
      expect(await third.isStill()).toBe("bob");
      await people[0]?.logOut();
      await world.logIn(sessions, "ann");
      expect(await sessions.list("ann")).toHaveLength(2);
    },
  ],
  [
    "with refuse, a session whose log-in is refused stays as it was, and one that is signed in may sign in again",
    async (world) => {
      const sessions = world.process({ limit: REFUSING });
      const visitor = world.browser(sessions);
      await visitor.browser.visit((conn) => sessions.putSession(conn, "n", 7));
      const first = await world.logIn(sessions, "ann");
      await world.logIn(sessions, "ann");
      await expect(visitor.logIn("ann")).rejects.toMatchObject(REFUSED);
      const { result } = await visitor.browser.visit((conn) => sessions.getSession(conn));
      expect(result).toEqual({ n: 7 });
      await first.logIn("ann", "again");
      expect(await first.isStill()).toBe("ann");
      expect(await sessions.list("ann")).toHaveLength(2);
    },
  ],
  [
    "with refuse, sessions that have expired or were revoked make room",
    async (world) => {
      const sessions = world.process({ limit: REFUSING });
      await world.logIn(sessions, "ann", "expires");
      world.time.pass(IDLE - TOUCH);
      const stays = await world.logIn(sessions, "ann", "stays");
      await expect(world.logIn(sessions, "ann")).rejects.toMatchObject(REFUSED);
      world.time.pass(TOUCH);
      const revoked = await world.logIn(sessions, "ann", "is revoked");
      await expect(world.logIn(sessions, "ann")).rejects.toMatchObject(REFUSED);
      await sessions.revokeOne("ann", revoked.handle);
      world.time.pass(1);
      await world.logIn(sessions, "ann", "is new");
      expect(await stays.isStill()).toBe("ann");
      expect(labelsOf(await sessions.list("ann", { label: "device" }))).toEqual([
        "is new",
        "stays",
      ]);
    },
  ],
  [
    "with refuse, as many of twelve log-ins at once in four processes come about as the limit allows",
    async (world) => {
      const limit = { max: 3, refuse: true };
      const processes = Array.from({ length: 4 }, () => world.process({ limit }));
      const people = Array.from({ length: 12 }, (_, i) =>
        world.browser(processes[i % 4] as (typeof processes)[number]),
      );
      const done = await Promise.allSettled(people.map((person) => person.logIn("ann")));
      const refused = done.filter((each) => each.status === "rejected");
      expect(refused).toHaveLength(9);
      for (const { reason } of refused) expect(reason).toMatchObject(REFUSED);
      expect(await processes[0]?.list("ann")).toHaveLength(3);
    },
  ],
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
