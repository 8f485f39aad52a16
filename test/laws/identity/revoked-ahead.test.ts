/** Several processes, one of which revokes while its clock is an hour ahead. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionOptions } from "../../../src/core/options/session-options.ts";
import type { SessionStore } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, MINUTE, clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import { lasting } from "../../support/tables/lasting.ts";

interface Data {
  readonly user: string;
  readonly n: number;
}

/** Makes the store of one process after another, over one table. */
type Deployment = () => () => SessionStore;

const TABLES: readonly (readonly [name: string, deploy: Deployment])[] = [
  ["a table that answers at once", () => over(createTable(), (table) => tableStore({ table }))],
  [
    "a table that answers later",
    () => over(new AsyncTable(createTable()), (table) => tableStore({ table })),
  ],
  ["sealed rows", () => over(createTable(), (table) => tableStore({ table, secret: SECRET }))],
];

const STORES: typeof TABLES = [
  ...TABLES,
  [
    "sealed cookies with revocations",
    () => over(lasting(), (revocations) => cookieStore({ secret: SECRET, revocations })),
  ],
];

function over<Table>(table: Table, make: (table: Table) => SessionStore): () => SessionStore {
  return () => make(table);
}

/** One of several processes over one store, with one true clock and one that is an hour ahead. */
class World {
  readonly time = clock();
  readonly ahead: Sessions<Data>;
  readonly #store: () => SessionStore;
  readonly #options: Partial<SessionOptions<Data>>;

  constructor(deploy: Deployment, options: Partial<SessionOptions<Data>> = {}) {
    this.#store = deploy();
    this.#options = options;
    this.ahead = this.process(() => this.time.now() + HOUR * 1000);
  }

  process(now: () => number = this.time.now): Sessions<Data> {
    const options = { key: "sid", subject: "user", ...this.#options } as const;
    return createSessions<Data>({ store: this.#store(), now, ...options });
  }

  browser(sessions: Sessions<Data>): Browser {
    return new Browser(sessions, this.time.now);
  }

  async logIn(sessions: Sessions<Data>, user: string): Promise<Browser> {
    this.time.pass(1);
    const browser = this.browser(sessions);
    await browser.visit((conn) => sessions.of(conn).renew().put("user", user));
    return browser;
  }

  /** Who is signed in, for another process. */
  async userAt(sessions: Sessions<Data>, browser: Browser): Promise<string | undefined> {
    return (await sessions.read({ cookie: browser.jar.header ?? "" })).get("user");
  }

  /** How many log-ins it takes until one holds in that process. */
  async logInsUntilOneHolds(sessions: Sessions<Data>, user: string): Promise<number> {
    for (let count = 1; count <= 3; count++) {
      const browser = await this.logIn(sessions, user);
      if ((await this.userAt(sessions, browser)) === user) return count;
    }
    return Infinity;
  }
}

describe.each(STORES)(
  "L12: a revocation by a process whose clock is ahead, over %s",
  (_, deploy) => {
    it("it costs each other process one log-in of that user at most, and the next one holds", async () => {
      const world = new World(deploy);
      const [here, there] = [world.process(), world.process()];
      await world.ahead.revoke("ann");
      for (const process of [here, there]) {
        expect(await world.logInsUntilOneHolds(process, "ann")).toBe(2);
        expect(await world.logInsUntilOneHolds(process, "ann")).toBe(1);
      }
    });

    it("a log-in that holds is read by every process, and the next revocation ends it", async () => {
      const world = new World(deploy);
      const [here, there] = [world.process(), world.process()];
      await world.ahead.revoke("ann");
      await world.logInsUntilOneHolds(here, "ann");
      const browser = await world.logIn(here, "ann");
      for (const process of [here, there, world.ahead]) {
        expect(await world.userAt(process, browser)).toBe("ann");
      }
      await there.revoke("ann");
      for (const process of [here, there, world.ahead]) {
        expect(await world.userAt(process, browser)).toBeUndefined();
      }
      // This process has met the later revocation as it wrote it.
      expect(await world.logInsUntilOneHolds(there, "ann")).toBe(1);
    });

    it("it ends the session that the user had, and then costs one log-in as well", async () => {
      const world = new World(deploy);
      const here = world.process();
      const before = await world.logIn(here, "ann");
      await world.ahead.revoke("ann");
      expect(await world.logInsUntilOneHolds(here, "ann")).toBeLessThanOrEqual(2);
      expect(await world.userAt(here, before)).toBeUndefined();
    });

    it("a browser whose log-in another process refuses brings that cookie along, and its next log-in holds", async () => {
      const world = new World(deploy);
      const [here, there] = [world.process(), world.process()];
      await world.ahead.revoke("ann");
      const browser = world.browser(here);
      const users: (string | undefined)[] = [];
      for (let n = 0; n < 2; n++) {
        world.time.pass(1);
        await browser.visit((conn) => here.of(conn).renew().put("user", "ann"));
        users.push(await world.userAt(there, browser));
      }
      expect(users).toEqual([undefined, "ann"]);
    });

    it("a log-in that began before this process met it is refused, although the process meets it meanwhile", async () => {
      const world = new World(deploy);
      const here = world.process();
      const browser = world.browser(here);
      const late = await browser.begin();
      late.run((conn) => here.of(conn).renew().put("user", "ann"));
      await world.ahead.revoke("ann");
      await world.logIn(here, "ann");
      await browser.receive(late);
      expect(await world.userAt(here, browser)).toBeUndefined();
    });

    it("log-ins of other users go by the clock, and so does session.signedInAt of this one", async () => {
      const world = new World(deploy);
      const here = world.process();
      await world.ahead.revoke("ann");
      await world.logInsUntilOneHolds(here, "ann");
      for (const user of ["bob", "ann"]) {
        const browser = world.browser(here);
        world.time.pass(MINUTE);
        const { result } = await browser.visit((conn) => {
          here.of(conn).renew().put("user", user);
          return here.of(conn).signedInAt?.getTime();
        });
        const putAt = world.time.now();
        expect(result).toBe(putAt);
        world.time.pass(MINUTE);
        const read = await here.read({ cookie: browser.jar.header ?? "" });
        expect(read.signedInAt?.getTime()).toBe(putAt);
        await browser.visit((conn) => here.putSession(conn, "n", 1));
        const again = await here.read({ cookie: browser.jar.header ?? "" });
        expect(again.signedInAt?.getTime()).toBe(putAt);
      }
    });

    it("revokeBefore with a moment in the future of the others costs each of them one log-in, and one session of nobody", async () => {
      const world = new World(deploy);
      const [here, there] = [world.process(), world.process()];
      await world.ahead.revokeBefore(new Date(world.time.now() + HOUR * 1000));
      for (const process of [here, there]) {
        expect(await world.logInsUntilOneHolds(process, "ann")).toBe(2);
        expect(await world.logInsUntilOneHolds(process, "bob")).toBe(1);
      }
      const browser = world.browser(here);
      await browser.visit((conn) => here.putSession(conn, "n", 1));
      const numberAt = async () =>
        (await there.read({ cookie: browser.jar.header ?? "" })).get("n");
      expect(await numberAt()).toBe(1);
      await browser.visit((conn) => here.putSession(conn, "n", 2));
      expect(await numberAt()).toBe(2);
    });

    it("a user whose log-in has outlived revokeBefore can leave the session, which goes on as nobody's", async () => {
      const world = new World(deploy);
      const here = world.process();
      const browser = world.browser(here);
      await browser.visit((conn) => here.putSession(conn, "n", 1));
      world.time.pass(MINUTE);
      await browser.visit((conn) => here.putSession(conn, "user", "ann"));
      await here.revokeBefore(new Date(world.time.now() - 1000));
      await browser.visit((conn) => here.deleteSession(conn, "user"));
      expect(await world.userAt(here, browser)).toBeUndefined();
      await browser.visit((conn) => here.putSession(conn, "n", 2));
      expect((await here.read({ cookie: browser.jar.header ?? "" })).get("n")).toBe(2);
    });
  },
);

describe.each(TABLES)("L12: the list of a user, after such a revocation, over %s", (_, deploy) => {
  it("it shows when the user has signed in, and the limit ends the first log-in", async () => {
    const world = new World(deploy, { limit: 2 });
    const here = world.process();
    await world.ahead.revoke("ann");
    await world.logInsUntilOneHolds(here, "ann");
    await here.revoke("ann");
    const times: number[] = [];
    const browsers: Browser[] = [];
    for (let n = 0; n < 4; n++) {
      browsers.push(await world.logIn(here, "ann"));
      times.unshift(world.time.now());
      const listed = await here.list("ann");
      expect(listed.map(({ signedInAt }) => signedInAt.getTime())).toEqual(times.slice(0, 2));
    }
    const users = await Promise.all(browsers.map((browser) => world.userAt(here, browser)));
    expect(users).toEqual([undefined, undefined, "ann", "ann"]);
  });
});
