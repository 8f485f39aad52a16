/** What `list`, `revoke`, `revokeOne` and `limit` promise over any table. */
import { expect } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { overTable } from "../../../src/testing/contract/run-case.ts";
import type { ContractCase, OpenTable } from "../../../src/testing/contract/open-table.ts";
import type { TableStoreOptions } from "../../../src/stores/table/table-store.ts";
import { BEFORE_CASES } from "./before.ts";
import { FAULT_CASES } from "./faults.ts";
import { LIMIT_CASES } from "./limit.ts";
import { REVOKE_CASES } from "./revoke.ts";
import { ABSOLUTE, IDLE, SubjectsWorld, TOUCH, handlesOf, labelsOf } from "./world.ts";
import type { SubjectsCase } from "./world.ts";

/** The cases, for any table. */
export function subjectsContract(
  open: () => Awaitable<OpenTable>,
  secret?: Pick<TableStoreOptions, "secret">,
): readonly ContractCase[] {
  const cases = [...LIST_CASES, ...REVOKE_CASES, ...LIMIT_CASES, ...FAULT_CASES, ...BEFORE_CASES];
  return overTable(
    open,
    cases.map(([title, run]) => [title, (table) => run(new SubjectsWorld(table, secret))]),
  );
}

const LIST_CASES: readonly SubjectsCase[] = [
  [
    "list gives each session of the subject with its label and times, the newest log-in first",
    async (world) => {
      const [here, there] = [world.process(), world.process()];
      const start = world.time.now();
      const phone = await world.logIn(here, "ann", "phone");
      world.time.pass(TOUCH);
      const laptop = await world.logIn(there, "ann", "laptop");
      await world.logIn(here, "bob", "tablet");
      world.time.pass(TOUCH);
      await phone.look();
      const { result } = await laptop.browser.visit((conn) =>
        there.list("ann", { label: "device", current: conn }),
      );
      const common = { handle: expect.stringMatching(/^[\w-]{22}$/) as string };
      expect(result).toEqual([
        {
          ...common,
          createdAt: new Date(start + TOUCH * 1000),
          signedInAt: new Date(start + TOUCH * 1000),
          lastSeenAt: new Date(start + TOUCH * 1000),
          label: "laptop",
          current: true,
        },
        {
          ...common,
          createdAt: new Date(start),
          signedInAt: new Date(start),
          lastSeenAt: new Date(start + 2 * TOUCH * 1000),
          label: "phone",
          current: false,
        },
      ]);
      expect(handlesOf(result)).toEqual([laptop.handle, phone.handle]);
      expect(labelsOf(await here.list("ann"))).toEqual([undefined, undefined]);
      expect(await here.list("nobody")).toEqual([]);
    },
  ],
  [
    "list leaves out sessions that have expired, by either deadline, and those that have ended",
    async (world) => {
      const sessions = world.process();
      const idle = await world.logIn(sessions, "ann", "idle");
      const used = await world.logIn(sessions, "ann", "used");
      const ended = await world.logIn(sessions, "ann", "ended");
      await ended.logOut();
      for (let passed = 0; passed < IDLE; passed += IDLE / 2) {
        world.time.pass(IDLE / 2);
        await used.look();
      }
      expect(labelsOf(await sessions.list("ann", { label: "device" }))).toEqual(["used"]);
      expect(await idle.isStill()).toBeUndefined();
      for (let passed = 0; passed < ABSOLUTE - IDLE; passed += IDLE / 2) {
        world.time.pass(IDLE / 2);
        await used.look();
      }
      expect(await sessions.list("ann")).toEqual([]);
    },
  ],
  [
    "a number, its text and the same bigint are three subjects",
    async (world) => {
      const sessions = world.process();
      const subjects = [1, "1", 1n] as const;
      for (const user of subjects) await world.logIn(sessions, user, typeof user);
      for (const user of subjects) {
        expect(labelsOf(await sessions.list(user, { label: "device" }))).toEqual([typeof user]);
      }
      await sessions.revoke(1);
      expect(
        await Promise.all(subjects.map(async (user) => (await sessions.list(user)).length)),
      ).toEqual([0, 1, 1]);
    },
  ],
  [
    "a session that changes its subject changes lists, and one that loses it leaves them",
    async (world) => {
      const sessions = world.process();
      const person = await world.logIn(sessions, "ann");
      await person.logIn("bob");
      expect(await sessions.list("ann")).toEqual([]);
      expect(handlesOf(await sessions.list("bob"))).toEqual([person.handle]);
      await person.browser.visit((conn) => sessions.deleteSession(conn, "user"));
      expect(await sessions.list("bob")).toEqual([]);
      // It is nobody's, and lives.
      await sessions.revoke("bob");
      const { result } = await person.browser.visit((conn) => sessions.of(conn).handle);
      expect(result).toBe(person.handle);
    },
  ],
  [
    "if the option subject is given later, a session is in the list from its next touch on",
    async (world) => {
      const before = world.process({ subject: undefined });
      const person = await world.logIn(before, "ann");
      const sessions = world.process();
      expect(await sessions.list("ann")).toEqual([]);
      world.time.pass(TOUCH);
      expect(await person.at(sessions).look()).toBe("ann");
      expect(handlesOf(await sessions.list("ann"))).toEqual([person.handle]);
    },
  ],
  [
    "a session that writes in each request, and is never touched, comes into the list, too",
    async (world) => {
      const before = world.process({ subject: undefined });
      const sessions = world.process();
      const person = (await world.logIn(before, "ann")).at(sessions);
      world.time.pass(TOUCH);
      await person.browser.visit((conn) => sessions.putSession(conn, "n", 1));
      expect(handlesOf(await sessions.list("ann"))).toEqual([person.handle]);
    },
  ],
  [
    "lists of two cookie names in one table know nothing of each other",
    async (world) => {
      const sessions = world.process();
      const other = world.process({ key: `${world.key}_admin` });
      const person = await world.logIn(sessions, "ann");
      expect(await other.list("ann")).toEqual([]);
      await other.revoke("ann");
      await other.revokeOne("ann", person.handle);
      expect(await person.isStill()).toBe("ann");
    },
  ],
];
