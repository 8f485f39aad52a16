/**
 * What the table store promises over any table: driven as a host drives it, with a clock of its own. The faults
 * are real calls of the real table, whose answers get lost on the way.
 */
import { expect } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import type { AnySessions } from "../../../src/core/types.ts";
import { overTable } from "../../../src/testing/contract/run-case.ts";
import type { ContractCase, OpenTable } from "../../../src/testing/contract/open-table.ts";
import type { Browser } from "../../support/browser.ts";
import { HOUR, MINUTE } from "../../support/clock.ts";
import { commits, refusals, stops } from "../../support/events.ts";
import type { TableStoreOptions } from "../../../src/stores/table/table-store.ts";
import { FAULT_CASES } from "./store-faults.ts";
import { GRACE, World, handleOf, read } from "./store-world.ts";
import type { StoreCase } from "./store-world.ts";

/** The cases, for any table. */
export function tableStoreContract(
  open: () => Awaitable<OpenTable>,
  secret?: Pick<TableStoreOptions, "secret">,
): readonly ContractCase[] {
  const cases = [...LIFE, ...TOGETHER, ...FAULT_CASES];
  return overTable(
    open,
    cases.map(([title, run]) => [title, (table) => run(new World(table, secret))]),
  );
}

const LIFE: readonly StoreCase[] = [
  [
    "one process reads what another one puts",
    async (world) => {
      const here = world.process();
      const one = world.browser(here);
      await one.visit((conn) =>
        here.putSession(conn, "a", "\u{1f469}\u200d\u{1f4bb} \u2028 %s $1"),
      );
      const there = world.elsewhere(one);
      expect(await read(there)).toEqual({ a: "\u{1f469}\u200d\u{1f4bb} \u2028 %s $1" });
    },
  ],
  [
    "a session that is nearly as long as a row may be comes back as it was",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      const text = "0123456789".repeat(world.longest / 10);
      await one.visit((conn) => sessions.putSession(conn, "text", text));
      expect((await read(one)).text === text).toBe(true);
    },
  ],
  [
    "an idle session is refused, whether or not it was swept",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "a", "here"));
      world.time.pass(HOUR);
      const before = await one.visit((conn) => sessions.getSession(conn));
      expect(before.result).toEqual({});
      expect(refusals(before.events)).toEqual(["expired"]);
      expect(await world.table.get(handleOf(one))).toBeDefined();
      world.time.pass(2 * HOUR);
      // A sweep that a request has set off may still run, by an earlier clock: the first call only waits for its end.
      await world.table.sweep?.(world.time.now());
      await world.table.sweep?.(world.time.now());
      const after = await one.visit((conn) => sessions.getSession(conn));
      expect(after.result).toEqual({});
      expect(refusals(after.events)).toEqual([world.table.sweep ? "unknown" : "expired"]);
    },
  ],
  [
    "a session that is used lives on, until its absolute end",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "a", "here"));
      const first = await world.table.get(handleOf(one));
      for (let i = 0; i < 4; i++) {
        world.time.pass(HOUR / 2);
        await world.table.sweep?.(world.time.now());
        const { result, events } = await one.visit((conn) => sessions.getSession(conn, "a"));
        expect(result).toBe("here");
        expect(commits(events)).toEqual(["touch"]);
      }
      const last = await world.table.get(handleOf(one));
      expect(last).toEqual({ ...first, expiresAt: (first?.expiresAt ?? 0) + 2 * HOUR * 1000 });
      world.time.pass(HOUR);
      const { result, events } = await one.visit((conn) => sessions.getSession(conn, "a"));
      expect(result).toBeUndefined();
      expect(refusals(events)).toEqual(["expired"]);
    },
  ],
  [
    "a renewal gives a new token, and the old one reads for its grace and writes nothing",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "a", "before"));
      const old = world.elsewhere(one);
      await one.visit((conn) => {
        sessions.renewSession(conn);
        sessions.putSession(conn, "b", "after");
      });
      expect(handleOf(one)).toBe(handleOf(old));
      expect(one.jar.value("sid")).not.toBe(old.jar.value("sid"));
      expect(await read(old)).toEqual({ a: "before" });
      const late = await old.visit((conn) => old.sessions.putSession(conn, "a", "evil"));
      expect(stops(late.events)).toEqual(["retired"]);
      expect(late.setCookie).toBeUndefined();
      expect(await read(one)).toEqual({ a: "before", b: "after" });
      world.time.pass(GRACE);
      expect(await read(old)).toEqual({});
      expect(await read(one)).toEqual({ a: "before", b: "after" });
    },
  ],
  [
    "the token from before another subject's log-in reads nothing",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "user", "alice"));
      const old = world.elsewhere(one);
      await one.visit((conn) => sessions.putSession(conn, "user", "bob"));
      expect(await read(old)).toEqual({});
      expect(await read(one)).toEqual({ user: "bob" });
    },
  ],
  [
    "drop removes the row, and a late write, touch, renewal or drop does not bring it back",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "user", "alice"));
      const handle = handleOf(one);
      world.time.pass(10 * MINUTE);
      const does: ((session: ReturnType<AnySessions["of"]>) => unknown)[] = [
        (session) => session.put("a", "late"),
        (session) => session.get("a"),
        (session) => session.renew(),
        (session) => session.drop(),
      ];
      const copies = does.map(() => world.elsewhere(one));
      const late = await Promise.all(copies.map((copy) => copy.begin()));
      // Where a table answers at once, a session is loaded when somebody looks at it.
      for (const [i, request] of late.entries()) {
        expect(request.run((conn) => copies[i]?.sessions.of(conn).get("user"))).toBe("alice");
      }
      await one.visit((conn) => sessions.dropSession(conn));
      expect(await world.table.get(handle)).toBeUndefined();
      for (const [i, request] of late.entries()) {
        request.run((conn) => does[i]?.((copies[i] ?? one).sessions.of(conn)));
        const { setCookie, events } = await request.finish();
        // A second log-out is as good as the first: the cookie goes. The event says that there was nothing to end.
        expect(stops(events)).toEqual(["gone"]);
        expect(setCookie?.startsWith("sid=;") ?? false).toBe(i === 3);
        expect(await world.table.get(handle)).toBeUndefined();
      }
      for (const copy of copies) expect(await read(copy)).toEqual({});
    },
  ],
];

const TOGETHER: readonly StoreCase[] = [
  [
    "two processes that write different keys at once both win",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "user", "alice"));
      const two = world.elsewhere(one);
      const [first, second] = [await one.begin(), await two.begin()];
      first.run((conn) => sessions.putSession(conn, "a", "from one"));
      second.run((conn) => two.sessions.putSession(conn, "b", "from two"));
      await Promise.all([first.finish(), second.finish()]);
      expect(await read(one)).toEqual({ user: "alice", a: "from one", b: "from two" });
    },
  ],
  [
    "forty increments from four processes at once make forty",
    async (world) => {
      // A slow machine has more time than usual, and a request that was told that nothing was written is made again.
      const process = (): ReturnType<World["process"]> => world.process(world.table, 30);
      const sessions = process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "n", 0));
      const others = Array.from({ length: 4 }, () => world.elsewhere(one, process()));
      const add = async (each: Browser): Promise<void> => {
        try {
          await each.visit((conn) => each.sessions.updateSession(conn, "n", (n) => Number(n) + 1));
        } catch (error) {
          if ((error as { code?: unknown }).code !== "ERR_SESSION_CONFLICT") throw error;
          await add(each);
        }
      };
      await Promise.all(others.flatMap((each) => Array.from({ length: 10 }, () => add(each))));
      expect(await read(one)).toEqual({ n: 40 });
    },
  ],
];
