/** What sealed cookies promise when a table remembers which of them were ended, over any table. */
import { expect } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { overTable } from "../../../src/testing/contract/run-case.ts";
import type { ContractCase, OpenTable } from "../../../src/testing/contract/open-table.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { commits, stops } from "../../support/events.ts";
import { BEFORE_CASES } from "../subjects/before.ts";
import { REVOKE_CASES } from "./revoke.ts";
import { STALENESS_CASES } from "./staleness.ts";
import { GRACE, RevocableWorld, handleOf, refusalOf } from "./world.ts";
import type { RevocableCase } from "./world.ts";
import { ABSOLUTE } from "../subjects/world.ts";
import type { Person } from "../subjects/world.ts";

/** The cases, for any table. */
export function revocableCookieContract(open: () => Awaitable<OpenTable>): readonly ContractCase[] {
  const cases = [...CASES, ...REVOKE_CASES, ...STALENESS_CASES, ...BEFORE_CASES];
  return overTable(
    open,
    cases.map(([title, run]) => [title, (table) => run(new RevocableWorld(table))]),
  );
}

const CASES: readonly RevocableCase[] = [
  [
    "a log-out ends every copy of the cookie, at every process",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const copies = [person.at(person.sessions), person.at(world.process())];
      await person.logOut();
      for (const copy of copies) {
        expect(await refusalOf(copy)).toEqual(["revoked"]);
        expect(await copy.isStill()).toBeUndefined();
      }
    },
  ],
  [
    "a renewal keeps the handle, and the old seal reads for the grace, writes nothing, and then opens nothing",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const old = person.at(world.process());
      await person.browser.visit((conn) => {
        person.sessions.of(conn).renew().put("n", 1).flash("device", "a message");
      });
      expect(await handleOf(person)).toBe(await handleOf(old));
      const read = await old.browser.visit((conn) => {
        const session = old.sessions.of(conn);
        return [session.get("user"), session.get("n"), session.flash("device")];
      });
      expect(read.result).toEqual(["ann", undefined, undefined]);
      const late = await old.browser.visit((conn) => old.sessions.putSession(conn, "n", 2));
      expect([stops(late.events), late.setCookie]).toEqual([["retired"], undefined]);
      world.time.pass(GRACE);
      expect(await refusalOf(old)).toEqual(["retired"]);
      const { result } = await person.browser.visit((conn) => person.sessions.getSession(conn));
      expect(result).toMatchObject({ user: "ann", n: 1 });
    },
  ],
  [
    "after many renewals only the last seal and the one before are known",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const old: Person[] = [];
      for (let i = 0; i < 3; i++) {
        old.push(person.at(person.sessions));
        await person.browser.visit((conn) => person.sessions.renewSession(conn));
      }
      expect(await Promise.all(old.map((each) => each.isStill()))).toEqual([
        undefined,
        undefined,
        "ann",
      ]);
      expect(await person.isStill()).toBe("ann");
    },
  ],
  [
    "a log-out by the seal from before a renewal ends the session, unless that seal had no subject or another one",
    async (world) => {
      const sessions = world.process();
      const person = world.browser(sessions);
      await person.browser.visit((conn) => sessions.putSession(conn, "n", 1));
      const anonymous = person.at(sessions);
      await person.logIn("ann");
      const ann = person.at(sessions);
      await person.logIn("bob");
      for (const copy of [anonymous, ann]) await copy.logOut();
      expect(await person.isStill()).toBe("bob");
      const bob = person.at(sessions);
      await person.browser.visit((conn) => sessions.renewSession(conn));
      await bob.logOut();
      expect(await person.isStill()).toBeUndefined();
    },
  ],
  [
    "the seal from before another subject's log-in reads nothing, and its late writes are stopped",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const old = person.at(world.process());
      await person.logIn("bob");
      expect(await old.isStill()).toBeUndefined();
      const late = await old.browser.visit((conn) => old.sessions.putSession(conn, "n", 2));
      expect([stops(late.events), late.setCookie]).toEqual([["retired"], undefined]);
    },
  ],
  [
    "a write, a look or a renewal that comes after the log-out seals nothing that opens",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const does = [
        (late: Person) => late.browser.visit((conn) => late.sessions.putSession(conn, "n", 1)),
        (late: Person) => late.browser.visit((conn) => late.sessions.getSession(conn)),
        (late: Person) => late.browser.visit((conn) => late.sessions.renewSession(conn)),
      ];
      world.time.pass(10 * 60);
      const copies = does.map(() => person.at(world.process()));
      const requests = await Promise.all(copies.map(({ browser }) => browser.begin()));
      for (const [i, request] of requests.entries()) {
        const { sessions } = copies[i] as Person;
        request.run((conn) => {
          const session = sessions.of(conn);
          if (i === 0) session.put("n", 1);
          if (i === 1) session.get("n");
          if (i === 2) session.renew();
        });
      }
      await person.logOut();
      for (const [i, request] of requests.entries()) {
        const copy = copies[i] as Person;
        const { events } = await copy.browser.receive(request);
        expect(stops(events)).toEqual(i === 1 ? [] : ["gone"]);
        expect(await copy.isStill()).toBeUndefined();
      }
    },
  ],
  [
    "a double click on log-in signs in whichever answer the browser keeps, and on a renewal is a conflict",
    async (world) => {
      const sessions = world.process();
      const first = world.browser(sessions);
      await first.browser.visit((conn) => sessions.putSession(conn, "n", 1));
      const second = first.at(world.process());
      const requests = [await first.browser.begin(), await second.browser.begin()] as const;
      requests[0].run((conn) => sessions.of(conn).renew().put("user", "ann"));
      requests[1].run((conn) => second.sessions.of(conn).renew().put("user", "ann"));
      await first.browser.receive(requests[0]);
      await second.browser.receive(requests[1]);
      expect([await first.isStill(), await second.isStill()]).toEqual(["ann", "ann"]);
      const again = [await first.browser.begin(), await first.browser.begin()] as const;
      for (const request of again) request.run((conn) => sessions.renewSession(conn));
      await again[0].finish();
      await expect(again[1].finish()).rejects.toMatchObject({ code: "ERR_SESSION_CONFLICT" });
    },
  ],
  [
    "a renewal that does not fit into a cookie leaves the session as it was",
    async (world) => {
      const person = await world.logIn(world.process(), "ann");
      const large = person.browser.visit((conn) => {
        person.sessions.of(conn).renew().put("device", "x".repeat(4096));
      });
      await expect(large).rejects.toMatchObject({ code: "ERR_SESSION_COOKIE_OVERFLOW" });
      const { events } = await person.browser.visit((conn) =>
        person.sessions.putSession(conn, "n", 1),
      );
      expect([commits(events), await person.isStill()]).toEqual([["write"], "ann"]);
    },
  ],
  [
    "a record in the table ends when the last of its cookies would have ended, and not before",
    async (world) => {
      const keys = new Set<string>();
      const table = verbsOf(world.table, {
        get: (key) => (keys.add(key), world.table.get(key)),
      });
      const sessions = world.process({}, table);
      const [out, renewed, revoked] = [
        await world.logIn(sessions, "ann"),
        await world.logIn(sessions, "ben"),
        await world.logIn(sessions, "cleo"),
      ];
      const handle = await handleOf(revoked);
      await out.logOut();
      await renewed.browser.visit((conn) => sessions.renewSession(conn));
      await sessions.revoke("cleo");
      await sessions.revokeOne("ben", handle);
      const rows = async (): Promise<number> => {
        await world.table.sweep?.(world.time.now());
        const found = await Promise.all([...keys].map(async (key) => world.table.get(key)));
        return found.filter((row) => row && row.expiresAt > world.time.now()).length;
      };
      expect(await rows()).toBe(4);
      world.time.pass(ABSOLUTE - 1);
      expect(await rows()).toBe(4);
      world.time.pass(2);
      expect(await rows()).toBe(0);
    },
  ],
];
