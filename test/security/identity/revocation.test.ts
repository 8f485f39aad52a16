/** A subject's sessions, ended from outside of them: one, all, all but one, and those beyond a limit. */
import { expect, test } from "vitest";
import type { Sessions } from "../../../src/core/types.ts";
import type { Browser } from "../../support/browser.ts";
import { everyRevocable, everyRow } from "../support/stores.ts";
import type { Place } from "../support/stores.ts";
import { incident, row } from "../support/row.ts";
import { World, cookieOf, handleOf } from "../support/world.ts";
import type { Data } from "../support/world.ts";

/** Three processes of an application that knows whose session it is, and browsers of some users in them. */
class Office {
  readonly world: World;
  readonly processes: readonly Sessions<Data>[];

  constructor(place: Place, limit?: number) {
    this.world = new World(place);
    this.processes = [1, 2, 3].map(() => this.world.sessions({ subject: "user", limit }));
  }

  process(at: number): Sessions<Data> {
    return this.processes[at % this.processes.length] as Sessions<Data>;
  }

  /** Logs a user in from so many devices, spread over the processes. */
  async devices(user: string, count: number): Promise<readonly Browser[]> {
    const browsers: Browser[] = [];
    for (let at = 0; at < count; at++) {
      this.world.time.pass(0.001);
      browsers.push(await this.world.signedIn(user, this.process(at)));
    }
    return browsers;
  }

  /** Who a browser's cookie is in each of the processes. */
  async seen({ jar }: Browser): Promise<readonly unknown[]> {
    const all = this.processes.map((each) => this.world.read(each, jar.header));
    return (await Promise.all(all)).map(({ read }) => read["user"]);
  }
}

const NOBODY = [undefined, undefined, undefined];
const ALICE = ["alice", "alice", "alice"];
const BOB = ["bob", "bob", "bob"];

row("S18", () => {
  everyRevocable((open) => {
    test("all sessions of a subject end at the next request in any process, and no other subject's", async () => {
      const office = new Office(await open());
      const alice = await office.devices("alice", 5);
      const [bob] = await office.devices("bob", 1);
      await office.process(1).revoke("alice");
      for (const each of alice) expect(await office.seen(each)).toEqual(NOBODY);
      expect(await office.seen(bob as Browser)).toEqual(BOB);
    });

    test("all sessions end but the one that asks, which may renew in the same request", async () => {
      const office = new Office(await open());
      const [mine, ...others] = (await office.devices("alice", 4)) as [Browser, ...Browser[]];
      const sessions = office.process(0);
      const request = await mine.begin();
      // A change of password, as an application would write it.
      request.run((conn) => sessions.renewSession(conn));
      await request.run((conn) => sessions.revoke("alice", { except: conn }));
      await mine.receive(request);
      expect(await office.seen(mine)).toEqual(ALICE);
      for (const each of others) expect(await office.seen(each)).toEqual(NOBODY);
    });

    test("a second revocation of all but one ends the session that the first one spared", async () => {
      const office = new Office(await open());
      const [one, two] = (await office.devices("alice", 2)) as [Browser, Browser];
      const handles = await Promise.all(
        [one, two].map((each) => each.visit((conn) => each.sessions.of(conn).handle)),
      );
      await office.process(0).revoke("alice", { except: handles[0]?.result });
      await office.world.signIn(one, "alice");
      expect([await office.seen(one), await office.seen(two)]).toEqual([ALICE, NOBODY]);
      await office.process(2).revoke("alice");
      expect(await office.seen(one)).toEqual(NOBODY);
    });

    test("a handle ends one session, and another subject's handle ends none", async () => {
      const office = new Office(await open());
      const [one, two] = (await office.devices("alice", 2)) as [Browser, Browser];
      const { result: handle = "" } = await one.visit((conn) => one.sessions.of(conn).handle);
      await office.process(2).revokeOne("bob", handle);
      expect(await office.seen(one)).toEqual(ALICE);
      await office.process(2).revokeOne("alice", handle);
      expect(await office.seen(one)).toEqual(NOBODY);
      expect(await office.seen(two)).toEqual(ALICE);
    });

    test("a log-in that began before the revocation does not survive it, and one that begins later does", async () => {
      const office = new Office(await open());
      const { world } = office;
      const sessions = office.process(0);
      const late = world.browser(sessions);
      const request = await late.begin();
      request.run((conn) => {
        // The old password was right.
        sessions.renewSession(conn);
        sessions.putSession(conn, "user", "alice");
      });
      world.time.pass(1);
      await office.process(1).revoke("alice");
      await late.receive(request);
      expect(late.jar.header === undefined ? NOBODY : await office.seen(late)).toEqual(NOBODY);
      world.time.pass(1);
      const [again] = (await office.devices("alice", 1)) as [Browser];
      expect(await office.seen(again)).toEqual(ALICE);
    });

    test.each(["writes", "renews", "only looks"])(
      "a request under way at the revocation, which then %s, keeps no session alive",
      async (what) => {
        const office = new Office(await open());
        const [browser] = (await office.devices("alice", 1)) as [Browser];
        const { sessions } = browser;
        office.world.time.pass(600);
        const request = await browser.begin();
        request.run((conn) => sessions.getSession(conn));
        await office.process(1).revoke("alice");
        if (what === "writes") request.run((conn) => sessions.putSession(conn, "late", true));
        if (what === "renews") request.run((conn) => sessions.renewSession(conn));
        await browser.receive(request).catch(() => {});
        expect(await office.seen(browser)).toEqual(NOBODY);
      },
    );
  });

  everyRow((open) => {
    test("the list shows a subject's own sessions, by handles that open nothing", async () => {
      const office = new Office(await open());
      const alice = await office.devices("alice", 3);
      await office.devices("bob", 2);
      const list = await office.process(2).list("alice", { label: "canary" });
      expect(list.map(({ handle }) => handle).toSorted()).toEqual(
        alice.map((each) => handleOf(cookieOf(each))).toSorted(),
      );
      const { handle } = list[0] ?? { handle: "" };
      expect((await office.world.read(office.process(0), `sid=${handle}`)).read).toEqual({});
      expect(await office.process(0).list("nobody")).toEqual([]);
    });
  });
});

incident("GHSA-2vg6-77g8-24mp", () => {
  everyRevocable((open) => {
    test("the sessions of a deleted user are dead, even for a later user of that name", async () => {
      const office = new Office(await open());
      const old = await office.devices("alice", 3);
      await office.process(0).revoke("alice");
      office.world.time.pass(60);
      const [fresh] = (await office.devices("alice", 1)) as [Browser];
      for (const each of old) expect(await office.seen(each)).toEqual(NOBODY);
      expect(await office.seen(fresh)).toEqual(ALICE);
    });
  });
});

row("S19", () => {
  everyRow((open) => {
    test.each([1, 3])(
      "twelve log-ins at the same moment in three processes leave %i sessions",
      async (limit) => {
        const office = new Office(await open(), limit);
        const { world } = office;
        await office.devices("alice", limit);
        const browsers = Array.from({ length: 12 }, (_, at) => world.browser(office.process(at)));
        await Promise.allSettled(browsers.map((each) => world.signIn(each, "alice")));
        const alive: Browser[] = [];
        for (const each of browsers.filter(({ jar }) => jar.header !== undefined)) {
          if ((await office.seen(each))[0] === "alice") alive.push(each);
        }
        expect(alive).toHaveLength(limit);
        const listed = (await office.process(0).list("alice"))
          .map(({ handle }) => handle)
          .toSorted();
        expect(listed).toEqual(alive.map((each) => handleOf(cookieOf(each))).toSorted());
      },
    );

    test("the oldest session ends with one log-in after another, and other users are not counted", async () => {
      const office = new Office(await open(), 2);
      const [bob] = (await office.devices("bob", 1)) as [Browser];
      const [one, two, three] = (await office.devices("alice", 3)) as [Browser, Browser, Browser];
      expect(await office.seen(one)).toEqual(NOBODY);
      expect(await office.seen(two)).toEqual(ALICE);
      expect(await office.seen(three)).toEqual(ALICE);
      expect(await office.seen(bob)).toEqual(BOB);
    });
  });
});
