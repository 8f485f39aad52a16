/** Rows that are of no use are removed, in every store that has some, and not before any clock calls them dead. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionStore, SessionTable } from "../../../src/core/store.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { cookieStore } from "../../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { HOUR, MINUTE, clock } from "../../support/clock.ts";
import { SECRET } from "../../support/secrets.ts";
import { verbsOf } from "../../support/tables/async-table.ts";

const LATE = 5 * MINUTE;
const SEALED = (revocations: SessionTable): SessionStore =>
  cookieStore({ secret: SECRET, revocations });

function scene(make: (table: SessionTable) => SessionStore) {
  const time = clock();
  const memory = createTable();
  const keys: string[] = [];
  const sweeps: number[] = [];
  const table = verbsOf(memory, {
    insert: (...args) => (keys.push(args[0]), memory.insert(...args)),
    sweep: async (now) => (sweeps.push(time.now() - now), (await memory.sweep?.(now)) ?? 0),
  });
  const sessions: Sessions = createSessions({
    store: make(table),
    key: "session",
    subject: "user",
    lifetime: { idle: HOUR, absolute: HOUR, longest: HOUR },
    now: time.now,
  });
  const logIn = async (): Promise<Browser> => {
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    return browser;
  };
  const logOut = (browser: Browser) => browser.visit((conn) => sessions.dropSession(conn));
  const rows = async (): Promise<number> =>
    (await Promise.all(keys.map(async (key) => memory.get(key)))).filter((row) => row).length;
  return { time, sessions, sweeps, logIn, logOut, rows };
}

describe("L12: the sweeps of a process", () => {
  it.each([
    ["a table", (table: SessionTable) => tableStore({ table })],
    ["sealed cookies with revocations", SEALED],
  ])("those of %s come five minutes late, once a minute at most", async (_, make) => {
    const { time, sweeps, logIn, logOut } = scene(make);
    await logOut(await logIn());
    await logOut(await logIn());
    time.pass(MINUTE - 1);
    await logOut(await logIn());
    expect(sweeps).toEqual([LATE * 1000]);
    time.pass(1);
    await logOut(await logIn());
    expect(sweeps).toEqual([LATE * 1000, LATE * 1000]);
  });

  it.each([
    ["a log-out", async ({ logIn, logOut }: Scene) => logOut(await logIn())],
    ["revoke", ({ sessions }: Scene) => sessions.revoke("bob")],
    ["revokeOne", ({ sessions }: Scene) => sessions.revokeOne("bob", "A".repeat(22))],
  ])(
    "the ends of sealed sessions leave the table of revocations: %s takes what is dead for five minutes",
    async (_, act) => {
      const world = scene(SEALED);
      for (let i = 0; i < 10; i++) await world.logOut(await world.logIn());
      expect(await world.rows()).toBe(10);
      world.time.pass(HOUR + LATE - 1);
      await act(world);
      expect(await world.rows()).toBe(11);
      world.time.pass(MINUTE);
      await world.sessions.revoke("cleo");
      expect(await world.rows()).toBe(2);
    },
  );
});

type Scene = ReturnType<typeof scene>;
