/** `revokeBefore`, over any table: for sessions in its rows, and for sealed cookies that it can end. */
import { expect } from "vitest";
import type { SessionTable } from "../../../src/core/store.ts";
import { refusals, stops } from "../../support/events.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { ABSOLUTE } from "./world.ts";
import type { Person, SubjectsCase, SubjectsWorld } from "./world.ts";

/** Seconds for which a process goes by the last answer of its table: what the guide says. */
const STALENESS = 60;
const USE = { code: "ERR_SESSION_USE" };

async function refusalOf({ browser, sessions }: Person): Promise<readonly string[]> {
  return refusals((await browser.visit((conn) => sessions.getSession(conn))).events);
}

function dateIn({ time }: SubjectsWorld): Date {
  return new Date(time.now());
}

/** The table, with the calls of `get` for side rows on one list. */
function withSideReads(world: SubjectsWorld): { table: SessionTable; reads: string[] } {
  const reads: string[] = [];
  const table = verbsOf(world.table, {
    async get(key) {
      if (key.length > 22) reads.push(key);
      return world.table.get(key);
    },
  });
  return { table, reads };
}

export const BEFORE_CASES: readonly SubjectsCase[] = [
  [
    "L7: revokeBefore ends every session from before the date, also a guest's, and no later one",
    async (world) => {
      const sessions = world.process();
      const ann = await world.logIn(sessions, "ann");
      const guest = world.browser(sessions);
      await guest.browser.visit((conn) => sessions.putSession(conn, "n", 1));
      world.time.pass(1);
      const date = dateIn(world);
      const bob = await world.logIn(sessions, "bob");
      await sessions.revokeBefore(date);
      for (const process of [sessions, world.process()]) {
        expect(await refusalOf(ann.at(process))).toEqual(["revoked"]);
        expect(await refusalOf(guest.at(process))).toEqual(["revoked"]);
        expect(await bob.at(process).isStill()).toBe("bob");
      }
      await ann.logIn("ann");
      expect(await ann.isStill()).toBe("ann");
    },
  ],
  [
    "L7: revokeBefore spares a session whose user has signed in again since, and no session that was only renewed",
    async (world) => {
      const sessions = world.process();
      const again = await world.logIn(sessions, "ann");
      const renewed = await world.logIn(sessions, "bob");
      world.time.pass(1);
      const date = dateIn(world);
      world.time.pass(1);
      await again.logIn("ann");
      await renewed.browser.visit((conn) => sessions.of(conn).renew().put("n", 1));
      await sessions.revokeBefore(date);
      expect(await again.isStill()).toBe("ann");
      expect(await refusalOf(renewed)).toEqual(["revoked"]);
      world.time.pass(1);
      await sessions.revokeBefore(dateIn(world));
      expect(await refusalOf(again)).toEqual(["revoked"]);
    },
  ],
  [
    "L8: revokeBefore ends what a token from before the last sign-in reads, and leaves the newer cookie alone",
    async (world) => {
      for (const user of [undefined, "ann"]) {
        const sessions = world.process();
        const person = world.browser(sessions);
        await person.browser.visit((conn) => sessions.putSession(conn, "n", 1));
        if (user !== undefined) await person.logIn(user);
        world.time.pass(1);
        const date = dateIn(world);
        world.time.pass(1);
        const old = person.at(sessions);
        await person.logIn("ann");
        expect(await refusalOf(old.at(sessions))).toEqual([]);
        await sessions.revokeBefore(date);
        expect(await refusalOf(old)).toEqual(["retired"]);
        const { setCookie } = await old.browser.visit((conn) => sessions.dropSession(conn));
        expect(setCookie).toBeUndefined();
        expect(await person.isStill()).toBe("ann");
      }
    },
  ],
  [
    "L7: another process accepts a session from before the date for 60 seconds after its last answer, and no longer",
    async (world) => {
      const [here, there] = [world.process(), world.process()];
      const person = await world.logIn(here, "ann");
      const copy = person.at(there);
      world.time.pass(1);
      expect(await copy.isStill()).toBe("ann");
      world.time.pass(STALENESS / 4);
      await here.revokeBefore(dateIn(world));
      expect(await person.isStill()).toBeUndefined();
      world.time.pass((STALENESS * 3) / 4 - 0.001);
      expect(await copy.isStill()).toBe("ann");
      world.time.pass(0.001);
      expect(await refusalOf(copy)).toEqual(["revoked"]);
    },
  ],
  [
    "L7: an earlier date changes nothing after a later one, in whichever process",
    async (world) => {
      const [here, there] = [world.process(), world.process()];
      const early = dateIn(world);
      world.time.pass(1);
      const person = await world.logIn(here, "ann");
      world.time.pass(1);
      await here.revokeBefore(dateIn(world));
      await here.revokeBefore(early);
      await there.revokeBefore(early);
      for (const process of [here, world.process()]) {
        expect(await refusalOf(person.at(process))).toEqual(["revoked"]);
      }
    },
  ],
  [
    "L12: the mark of revokeBefore is kept as long as a session from before it could live",
    async (world) => {
      const lifetime = { idle: ABSOLUTE, absolute: ABSOLUTE };
      const person = await world.logIn(world.process({ lifetime }), "ann");
      world.time.pass(1);
      await person.sessions.revokeBefore(dateIn(world));
      world.time.pass(ABSOLUTE - 2);
      await world.table.sweep?.(world.time.now());
      expect(await refusalOf(person.at(world.process({ lifetime })))).toEqual(["revoked"]);
    },
  ],
  [
    "L7: a log-in that began before the date and is committed after revokeBefore opens nothing",
    async (world) => {
      for (const isGuest of [false, true]) {
        const sessions = world.process();
        const person = world.browser(sessions);
        if (isGuest) await person.browser.visit((conn) => sessions.putSession(conn, "n", 1));
        const request = await person.browser.begin();
        request.run((conn) => sessions.of(conn).renew().put("user", "ann"));
        world.time.pass(1);
        await sessions.revokeBefore(dateIn(world));
        const { setCookie, events } = await person.browser.receive(request);
        expect([stops(events), setCookie]).toEqual([["revoked"], undefined]);
        expect(await person.isStill()).toBeUndefined();
        await person.logIn("ann");
        expect(await person.isStill()).toBe("ann");
      }
    },
  ],
  [
    "L7: a write that is under way at revokeBefore is not made where that was called, and brings nothing back elsewhere",
    async (world) => {
      for (const isHere of [true, false]) {
        const sessions = world.process();
        const person = await world.logIn(sessions, "ann");
        const request = await person.browser.begin();
        request.run((conn) => sessions.of(conn).renew().put("n", 1));
        world.time.pass(1);
        await (isHere ? sessions : world.process()).revokeBefore(dateIn(world));
        const { setCookie, events } = await person.browser.receive(request);
        expect([stops(events), setCookie !== undefined]).toEqual([
          isHere ? ["revoked"] : [],
          !isHere,
        ]);
        world.time.pass(STALENESS);
        expect(await refusalOf(person)).toEqual(["revoked"]);
      }
    },
  ],
  [
    "L2: a mark of revokeBefore that cannot be read or written is a store that fails, and nobody passes",
    async (world) => {
      let broken = false;
      const fail = (): void => {
        if (broken) throw new Error("connection refused");
      };
      const flaky = verbsOf(world.table, {
        async get(key) {
          if (key.length > 22) fail();
          return world.table.get(key);
        },
      });
      const person = await world.logIn(world.process(), "ann");
      const sessions = world.process({}, flaky);
      world.time.pass(1);
      broken = true;
      await expect(person.at(sessions).isStill()).rejects.toMatchObject({
        code: "ERR_SESSION_STORE",
      });
      await expect(sessions.revokeBefore(dateIn(world))).rejects.toMatchObject({
        code: "ERR_SESSION_STORE",
      });
      broken = false;
      expect(await person.at(sessions).isStill()).toBe("ann");
      await sessions.revokeBefore(dateIn(world));
      expect(await refusalOf(person.at(sessions))).toEqual(["revoked"]);
    },
  ],
  [
    "L7: an answer from before revokeBefore that comes late changes nothing about it",
    async (world) => {
      let hold: Promise<void> | undefined;
      const held: string[] = [];
      const slow = verbsOf(world.table, {
        async get(key) {
          const until = hold;
          const row = await world.table.get(key);
          if (until) held.push(key);
          await until;
          return row;
        },
      });
      const person = await world.logIn(world.process(), "ann");
      const sessions = world.process({}, slow);
      world.time.pass(1);
      let answer = (): void => {};
      hold = new Promise((resolve) => (answer = resolve));
      const early = refusalOf(person.at(sessions));
      hold = undefined;
      while (held.length < 2) await new Promise((resolve) => setImmediate(resolve));
      await sessions.revokeBefore(dateIn(world));
      answer();
      expect(await early).toEqual(["revoked"]);
      expect(await refusalOf(person.at(sessions))).toEqual(["revoked"]);
    },
  ],
  [
    "a process reads the mark of revokeBefore once in 60 seconds, and not before somebody comes with a session",
    async (world) => {
      const { table, reads } = withSideReads(world);
      const sessions = world.process({}, table);
      const nobody = world.browser(sessions);
      await nobody.look();
      expect(reads).toEqual([]);
      const guest = world.browser(world.process());
      await guest.browser.visit((conn) => guest.sessions.putSession(conn, "n", 1));
      const person = guest.at(sessions);
      await person.isStill();
      const keys = new Set(reads);
      const perRead = reads.length;
      reads.length = 0;
      for (let i = 0; i < 3; i++) await Promise.all([person.isStill(), person.isStill()]);
      const others = reads.filter((key) => !keys.has(key));
      expect(others).toEqual([]);
      const perRequest = reads.length / 6;
      world.time.pass(STALENESS);
      reads.length = 0;
      await Promise.all([person.isStill(), person.isStill()]);
      expect(reads.length - 2 * perRequest).toBe(perRead - perRequest);
      expect(perRead - perRequest).toBeGreaterThan(0);
    },
  ],
  [
    "revokeBefore means the sessions of its own cookie name",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const other = world.process({ key: `${world.key}_admin` });
      world.time.pass(1);
      await other.revokeBefore(dateIn(world));
      expect(await person.at(world.process()).isStill()).toBe("ann");
    },
  ],
  [
    "revokeBefore takes a Date that is not in the future, and needs no option subject",
    async (world) => {
      const sessions = world.process({ subject: undefined });
      const guest = world.browser(sessions);
      await guest.browser.visit((conn) => sessions.putSession(conn, "n", 1));
      for (const wrong of [undefined, world.time.now(), "2026-01-01", new Date(NaN)]) {
        await expect(sessions.revokeBefore(wrong as Date)).rejects.toMatchObject(USE);
      }
      const future = new Date(world.time.now() + 1);
      await expect(sessions.revokeBefore(future)).rejects.toMatchObject(USE);
      expect(await refusalOf(guest)).toEqual([]);
      world.time.pass(0.001);
      await sessions.revokeBefore(future);
      expect(await refusalOf(guest)).toEqual(["revoked"]);
    },
  ],
];
