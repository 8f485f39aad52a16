/** `revoke`, `revokeOne` and log-out, over any table. */
import { expect, vi } from "vitest";
import { HOUR, MINUTE } from "../../support/clock.ts";
import { stops } from "../../support/events.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { TOUCH, handlesOf } from "./world.ts";
import type { Person, SubjectsCase, SubjectsWorld } from "./world.ts";

async function threeDevices(world: SubjectsWorld): Promise<readonly Person[]> {
  const sessions = world.process();
  const people: Person[] = [];
  for (const device of ["a", "b", "c"]) people.push(await world.logIn(sessions, "ann", device));
  return people;
}

async function alive(people: readonly Person[]): Promise<readonly boolean[]> {
  return Promise.all(people.map(async (person) => (await person.isStill()) !== undefined));
}

export const REVOKE_CASES: readonly SubjectsCase[] = [
  [
    "revoke ends all sessions of the subject, in every process, and no other subject's",
    async (world) => {
      const people = await threeDevices(world);
      const elsewhere = people.map((person) => person.at(world.process()));
      const bob = await world.logIn(world.process(), "bob");
      const sessions = world.process();
      await sessions.revoke("ann");
      expect(await alive([...people, ...elsewhere])).toEqual(Array(6).fill(false));
      expect(await sessions.list("ann")).toEqual([]);
      expect(await bob.isStill()).toBe("bob");
    },
  ],
  [
    "revoke leaves the session of a request or of a handle alone, which may then be renewed",
    async (world) => {
      const people = await threeDevices(world);
      const [a, b, c] = people as [Person, Person, Person];
      await a.browser.visit(async (conn) => {
        a.sessions.renewSession(conn);
        await a.sessions.revoke("ann", { except: conn });
      });
      expect(await alive(people)).toEqual([true, false, false]);
      world.time.pass(TOUCH);
      expect(await a.look()).toBe("ann");
      await b.logIn("ann");
      await c.logIn("ann");
      await a.sessions.revoke("ann", { except: b.handle });
      expect(await alive(people)).toEqual([false, true, false]);
      expect(handlesOf(await a.sessions.list("ann"))).toEqual([b.handle]);
    },
  ],
  [
    "revoke for a request without a session leaves no session alone",
    async (world) => {
      const people = await threeDevices(world);
      const guest = world.browser(world.process());
      await guest.browser.visit((conn) => guest.sessions.revoke("ann", { except: conn }));
      expect(await alive(people)).toEqual([false, false, false]);
    },
  ],
  [
    "a revocation that leaves a session alone does not bring it back",
    async (world) => {
      const [a, b] = (await threeDevices(world)) as [Person, Person, Person];
      await a.sessions.revoke("ann");
      await a.sessions.revoke("ann", { except: b.handle });
      expect(await alive([a, b])).toEqual([false, false]);
    },
  ],
  [
    "a log-in that begins after a revocation lives, even in the same millisecond",
    async (world) => {
      const [a] = (await threeDevices(world)) as [Person];
      await a.sessions.revoke("ann");
      await a.logIn("ann");
      expect(await a.isStill()).toBe("ann");
      const { result } = await a.browser.visit(async (conn) => {
        await a.sessions.revoke("ann");
        a.sessions.of(conn).drop().put("user", "ann");
        return a.sessions.of(conn).get("user");
      });
      expect([result, await a.isStill()]).toEqual(["ann", "ann"]);
    },
  ],
  [
    "revokeOne ends one session of the subject",
    async (world) => {
      const people = await threeDevices(world);
      const [a, b, c] = people as [Person, Person, Person];
      await a.sessions.revokeOne("ann", b.handle);
      expect(await alive(people)).toEqual([true, false, true]);
      expect(handlesOf(await a.sessions.list("ann"))).toEqual([c.handle, a.handle]);
    },
  ],
  [
    "revokeOne does nothing for another subject's handle, for one that is not there, and for a text that is none",
    async (world) => {
      const people = await threeDevices(world);
      const [a] = people as [Person];
      const bob = await world.logIn(a.sessions, "bob");
      const wrong = [bob.handle, "A".repeat(22), "", "A".repeat(43), "../../etc", "\u0000", "ä"];
      for (const handle of wrong) await a.sessions.revokeOne("ann", handle);
      await a.sessions.revokeOne("nobody", a.handle);
      expect(await alive([...people, bob])).toEqual([true, true, true, true]);
      await expect(a.sessions.revokeOne("ann", undefined as never)).rejects.toMatchObject({
        code: "ERR_SESSION_USE",
      });
    },
  ],
  [
    "a log-out leaves the list, and a log-in is in the list when its answer leaves",
    async (world) => {
      const [a, b, c] = (await threeDevices(world)) as [Person, Person, Person];
      await b.logOut();
      expect(handlesOf(await a.sessions.list("ann"))).toEqual([c.handle, a.handle]);
    },
  ],
  [
    "a log-in into a session that was logged out meanwhile leaves an empty list, which the sweep takes",
    async (world) => {
      const keys: string[] = [];
      const told = verbsOf(world.table, {
        insert: (...args) => (keys.push(args[0]), world.table.insert(...args)),
      });
      const sessions = world.process({}, told);
      const person = world.browser(sessions);
      await person.browser.visit((conn) => sessions.putSession(conn, "n", 1));
      const request = await person.browser.begin();
      // However slow the machine is, the row counts as just read: the log-in would otherwise read it again first.
      const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now());
      request.run((conn) => sessions.of(conn).renew().put("user", "ann"));
      await person.logOut();
      const answer = await person.browser.receive(request).finally(() => clock.mockRestore());
      expect(stops(answer.events)).toEqual(["gone"]);
      expect(await sessions.list("ann")).toEqual([]);
      const key = keys.find((each) => each.length > 22) ?? "";
      const left = await world.table.get(key);
      expect((left?.expiresAt ?? 0) - world.time.now()).toBe(15 * MINUTE * 1000);
      world.time.pass(HOUR);
      await world.table.sweep?.(world.time.now());
      // A server that sweeps by itself does so by its own clock.
      if (world.table.sweep) expect(await world.table.get(key)).toBeUndefined();
    },
  ],
  ...lateLogIns(),
];

/** A log-in that is checked before a revocation, and committed after it. */
function lateLogIns(): readonly SubjectsCase[] {
  const places: readonly (readonly [name: string, other: boolean, seconds: number])[] = [
    ["in the same process and millisecond", false, 0],
    ["in the same process", false, 1],
    ["in another process and the same millisecond", true, 0],
    ["in another process", true, 1],
  ];
  const kinds = [
    ["of a new visitor", false],
    ["of a visitor with a session", true],
  ] as const;
  return places.flatMap(([place, other, seconds]) =>
    kinds.map(([kind, hasSession]): SubjectsCase => [
      `a log-in ${kind} with the old password that commits after the revocation is refused, ${place}`,
      async (world) => {
        const sessions = world.process();
        const admin = other ? world.process() : sessions;
        const late = world.browser(sessions);
        if (hasSession) await late.browser.visit((conn) => sessions.putSession(conn, "n", 1));
        const request = await late.browser.begin();
        // Log-ins of the same millisecond before it, whose order counts as well.
        await world.logIn(sessions, "somebody else");
        await world.logIn(sessions, "somebody else");
        request.run((conn) => sessions.of(conn).renew().put("user", "ann"));
        world.time.pass(seconds);
        await admin.revoke("ann");
        const { events, setCookie } = await late.browser.receive(request);
        expect([stops(events), setCookie]).toEqual([["revoked"], undefined]);
        expect(await late.isStill()).toBeUndefined();
        expect(await sessions.list("ann")).toEqual([]);
        world.time.pass(1);
        await late.logIn("ann");
        expect(await late.isStill()).toBe("ann");
      },
    ]),
  );
}
