/** `revoke` and `revokeOne` of sealed cookies, over any table. */
import { expect } from "vitest";
import { handleOf, refusalOf } from "./world.ts";
import type { RevocableCase } from "./world.ts";

export const REVOKE_CASES: readonly RevocableCase[] = [
  [
    "revoke ends all of a subject's sessions but one, which may renew at once and later",
    async (world) => {
      const [mine, other] = [
        await world.logIn(world.process(), "ann"),
        await world.logIn(world.process(), "ann"),
      ];
      const bob = await world.logIn(world.process(), "bob");
      await mine.browser.visit(async (conn) => {
        mine.sessions.renewSession(conn);
        await mine.sessions.revoke("ann", { except: conn });
      });
      await mine.browser.visit((conn) => mine.sessions.renewSession(conn));
      expect([await mine.isStill(), await bob.isStill()]).toEqual(["ann", "bob"]);
      expect(await refusalOf(other)).toEqual(["revoked"]);
      const handle = await handleOf(mine);
      await mine.sessions.revoke("ann");
      await mine.sessions.revoke("ann", { except: handle });
      expect(await mine.isStill()).toBeUndefined();
    },
  ],
  [
    "revokeOne ends one session of the subject, even after it was renewed, and no other subject's",
    async (world) => {
      const [mine, other] = [
        await world.logIn(world.process(), "ann"),
        await world.logIn(world.process(), "ann"),
      ];
      const handle = await handleOf(mine);
      await mine.browser.visit((conn) => mine.sessions.renewSession(conn));
      for (const wrong of ["", "A".repeat(22), "\u0000", "ä".repeat(22), handle.slice(1)]) {
        await mine.sessions.revokeOne("ann", wrong);
      }
      await mine.sessions.revokeOne("bob", handle);
      expect(await mine.isStill()).toBe("ann");
      await mine.sessions.revokeOne("ann", handle);
      await mine.sessions.revoke("ann", { except: handle });
      expect(await refusalOf(mine)).toEqual(["revoked"]);
      expect(await refusalOf(other)).toEqual(["revoked"]);
    },
  ],
  [
    "after a thousand calls of revokeOne the next one ends all sessions of the subject, and brings none back",
    async (world) => {
      const sessions = world.process();
      const [first, other] = [
        await world.logIn(sessions, "ann"),
        await world.logIn(sessions, "ann"),
      ];
      await sessions.revokeOne("ann", await handleOf(first));
      const handles = Array.from({ length: 1000 }, (_, i) => String(i).padStart(22, "0"));
      for (const handle of handles.slice(1)) await sessions.revokeOne("ann", handle);
      expect([await first.isStill(), await other.isStill()]).toEqual([undefined, "ann"]);
      await sessions.revokeOne("ann", "A".repeat(22));
      expect([await first.isStill(), await other.isStill()]).toEqual([undefined, undefined]);
      await other.logIn("ann");
      expect(await other.isStill()).toBe("ann");
    },
  ],
  [
    "a log-in that began before the revocation and is sealed after it opens nothing",
    async (world) => {
      for (const seconds of [0, 1]) {
        const sessions = world.process();
        const late = world.browser(sessions);
        const request = await late.browser.begin();
        await world.logIn(sessions, "somebody else");
        request.run((conn) => sessions.of(conn).renew().put("user", "ann"));
        world.time.pass(seconds);
        await world.process().revoke("ann");
        await late.browser.receive(request);
        expect(await refusalOf(late)).toEqual(["revoked"]);
        world.time.pass(1);
        await late.logIn("ann");
        expect(await late.isStill()).toBe("ann");
      }
    },
  ],
];
