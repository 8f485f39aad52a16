/** How soon a revocation reaches the other processes, by the clock of the tests; and a table that fails. */
import { expect } from "vitest";
import { AsyncTable, verbsOf } from "../../support/tables/async-table.ts";
import type { RevocableCase } from "./world.ts";
import type { Person } from "../subjects/world.ts";

/** What ends a session, at a process that answers. */
const ENDINGS: readonly (readonly [name: string, end: (person: Person) => Promise<unknown>])[] = [
  ["log-out", (person) => person.logOut()],
  ["revoke", ({ sessions }) => sessions.revoke("ann")],
];

export const STALENESS_CASES: readonly RevocableCase[] = [
  ...ENDINGS.flatMap(([name, end]) =>
    [0, 1, 60].map((staleness): RevocableCase => [
      `after ${name} another process with staleness ${staleness} accepts the cookie for that long, and no longer`,
      async (world) => {
        const person = await world.logIn(world.process({ staleness }), "ann");
        const copy = person.at(world.process({ staleness }));
        expect(await copy.isStill()).toBe("ann");
        world.time.pass(staleness / 4);
        await end(person);
        // At once where it was called.
        expect(await person.at(person.sessions).isStill()).toBeUndefined();
        const left = staleness - staleness / 4;
        if (left > 0) {
          expect(await copy.isStill()).toBe("ann");
          world.time.pass(left - 0.001);
          expect(await copy.isStill()).toBe("ann");
          world.time.pass(0.001);
        }
        expect(await copy.isStill()).toBeUndefined();
      },
    ]),
  ),
  [
    "an answer from before a revocation that comes late changes nothing about it",
    async (world) => {
      let hold: Promise<void> | undefined;
      const answers: unknown[] = [];
      const slow = verbsOf(world.table, {
        async get(key) {
          const held = hold;
          const row = await world.table.get(key);
          if (held) answers.push(row);
          await held;
          return row;
        },
      });
      const sessions = world.process({ staleness: 60 }, slow);
      const person = await world.logIn(sessions, "ann");
      let answer = (): void => {};
      hold = new Promise((resolve) => (answer = resolve));
      const early = person.isStill();
      hold = undefined;
      while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
      await sessions.revoke("ann");
      answer();
      expect(await early).toBe("ann");
      expect(await person.isStill()).toBeUndefined();
    },
  ],
  [
    "a write asks the table, however fresh its last answer is",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const copy = person.at(world.process({ staleness: 60 }));
      expect(await copy.isStill()).toBe("ann");
      await person.logOut();
      const { setCookie } = await copy.browser.visit((conn) =>
        copy.sessions.putSession(conn, "n", 1),
      );
      expect(setCookie).toBeUndefined();
      // What it was told counts from then on.
      expect(await copy.isStill()).toBeUndefined();
    },
  ],
  [
    "a table that fails is a store that fails, so that no session looks logged out, and no log-out looks done",
    async (world) => {
      const lossy = new AsyncTable(world.table, undefined, "all");
      const sessions = world.process({}, lossy);
      const person = await world.logIn(sessions, "ann");
      const failure = { code: "ERR_SESSION_STORE", cause: lossy.lost };
      lossy.breakNext("get", "rejects");
      await expect(person.isStill()).rejects.toMatchObject(failure);
      expect(await person.isStill()).toBe("ann");
      for (const act of [
        () => person.logOut(),
        () => person.browser.visit((conn) => sessions.renewSession(conn)),
        () => sessions.revoke("ann"),
        () => sessions.revokeOne("ann", "A".repeat(22)),
      ]) {
        // Neither the write nor the read that would settle it.
        lossy.breakNext("insert", "rejects", () => lossy.breakNext("get", "rejects"));
        await expect(act()).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
        expect(await person.isStill()).toBe("ann");
      }
      await person.logOut();
      expect(await person.isStill()).toBeUndefined();
    },
  ],
];
