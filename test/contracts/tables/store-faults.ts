/** How the table store comes through a table that fails, is silent, or loses its answers. */
import { expect } from "vitest";
import type { Conn } from "../../../src/core/types.ts";
import { AsyncTable, verbsOf } from "../../support/tables/async-table.ts";
import type { TableVerb } from "../../support/tables/called-table.ts";
import type { Browser } from "../../support/browser.ts";
import { MINUTE } from "../../support/clock.ts";
import { commits } from "../../support/events.ts";
import { handleOf, read } from "./store-world.ts";
import type { StoreCase, World } from "./store-world.ts";

/** Seconds that the store waits for a table that is silent. */
const PATIENCE = 3_456;
/** Milliseconds that only the store's patience lasts for: a part of that time, or all of it. */
const LONG = 60_000;

/**
 * Stands before the timers, so that the store's patience ends when a test says so, and not before. What ends is the
 * shortest patience: that with the call, and not that with the whole request.
 */
async function withPatience<T>(run: (end: () => void) => Promise<T>): Promise<T> {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const waiting = new Map<unknown, { readonly delay: number; readonly task: () => void }>();
  const patient = (task: (...args: unknown[]) => void, delay = 0, ...args: unknown[]): unknown => {
    const timer = set(task, delay, ...args);
    if (delay > LONG) waiting.set(timer, { delay, task });
    return timer;
  };
  const forgetful = (timer?: NodeJS.Timeout): void => {
    waiting.delete(timer);
    clear(timer);
  };
  globalThis.setTimeout = patient as typeof setTimeout;
  globalThis.clearTimeout = forgetful as typeof clearTimeout;
  try {
    return await run(() => {
      const [shortest] = [...waiting].sort(([, one], [, other]) => one.delay - other.delay);
      if (!shortest) return;
      const [timer, { task }] = shortest;
      forgetful(timer as NodeJS.Timeout);
      task();
    });
  } finally {
    globalThis.setTimeout = set;
    globalThis.clearTimeout = clear;
  }
}

interface Scene {
  readonly lossy: AsyncTable;
  /** A browser of a process behind the lossy table, with a session of alice's. */
  readonly one: Browser;
  /** The same browser at a process that reaches the table. */
  readonly sure: Browser;
}

async function setScene(world: World, endPatience: () => void): Promise<Scene> {
  const lossy = new AsyncTable(world.table, endPatience);
  const one = world.browser(world.process(lossy, PATIENCE));
  await one.visit((conn) => one.sessions.of(conn).put("user", "alice").put("n", 1));
  world.time.pass(10 * MINUTE); // so that a look is worth a touch
  return { lossy, one, sure: world.elsewhere(one) };
}

/** What a request does to a session, and the verb that this takes. */
const WRITES = {
  replace: (browser: Browser) => (conn: Conn) =>
    void browser.sessions.of(conn).update("n", (n) => Number(n) + 1),
  delete: (browser: Browser) => (conn: Conn) => void browser.sessions.of(conn).drop(),
} as const;

const increment = WRITES.replace;

async function rejected(visit: Promise<unknown>): Promise<{ code?: unknown; cause?: unknown }> {
  return visit.then(
    () => expect.fail("the request should have failed"),
    (error: { code?: unknown; cause?: unknown }) => error,
  );
}

/** A case, and what ends the store's patience. */
type FaultCase = readonly [
  title: string,
  run: (world: World, endPatience: () => void) => Promise<void>,
];

const CASES: readonly FaultCase[] = [
  [
    "a commit that others keep from its row gives up at the deadline, and writes nothing",
    async (world) => {
      const sessions = world.process();
      const one = world.browser(sessions);
      await one.visit((conn) => sessions.putSession(conn, "n", 1));
      const rival = world.elsewhere(one);
      // Two seconds on the machine's clock, which the deadline of a commit is measured by.
      const real = performance.now.bind(performance);
      let late = 0;
      let tries = 0;
      const contested = verbsOf(world.table, {
        async replace(...args) {
          await rival.visit((conn) => rival.sessions.putSession(conn, "a", `try ${++tries}`));
          if (tries === 3) late = 2_001;
          return world.table.replace(...args);
        },
      });
      const slow = world.elsewhere(one, world.process(contested));
      performance.now = () => real() + late;
      try {
        const failed = slow.visit((conn) => slow.sessions.updateSession(conn, "n", () => 2));
        await expect(failed).rejects.toMatchObject({ code: "ERR_SESSION_CONFLICT" });
      } finally {
        performance.now = real;
      }
      expect(tries).toBe(3);
      expect(await read(one)).toEqual({ n: 1, a: "try 3" });
    },
  ],
  [
    "an error of the database's client is ERR_SESSION_STORE with that error as its cause",
    async (world, endPatience) => {
      const { lossy, one, sure } = await setScene(world, endPatience);
      const does = {
        get: () => one.visit((conn) => one.sessions.getSession(conn)),
        touch: () => one.visit((conn) => one.sessions.getSession(conn)),
        replace: () => one.visit(WRITES.replace(one)),
        delete: () => one.visit(WRITES.delete(one)),
        insert: () =>
          world.browser(one.sessions).visit((conn) => one.sessions.of(conn).put("n", 1)),
      };
      for (const [verb, request] of Object.entries(does) as [TableVerb, () => Promise<unknown>][]) {
        // A write that fails is settled by a read, which fails as well.
        const isWrite = verb !== "get" && verb !== "touch";
        lossy.breakNext(verb, "rejects", () => isWrite && lossy.breakNext("get", "rejects"));
        if (verb === "touch") {
          await request(); // A touch that fails takes no page away.
          continue;
        }
        const error = await rejected(request());
        expect([verb, error.code]).toEqual([verb, "ERR_SESSION_STORE"]);
        expect(error.cause).toBe(lossy.lost);
      }
      // Nothing of it has ended or changed the session, and the next request is served.
      expect(await read(sure)).toEqual({ user: "alice", n: 1 });
      expect(await read(one)).toEqual({ user: "alice", n: 1 });
    },
  ],
  [
    "a silent table is ERR_SESSION_STORE, and the session stays as it was",
    async (world, endPatience) => {
      const { lossy, one, sure } = await setScene(world, endPatience);
      lossy.forget();
      lossy.breakNext("get", "never answers");
      const unread = await rejected(one.visit(increment(one)));
      expect(unread.code).toBe("ERR_SESSION_STORE");
      expect(lossy.calls).toEqual(["get"]);
      for (const verb of ["replace", "delete"] as const) {
        lossy.breakNext(verb, "never answers", () => lossy.breakNext("get", "never answers"));
        expect((await rejected(one.visit(WRITES[verb](one)))).code).toBe("ERR_SESSION_STORE");
      }
      expect(await read(sure)).toEqual({ user: "alice", n: 1 });
      expect(await read(one)).toEqual({ user: "alice", n: 1 });
    },
  ],
  ...(
    [
      ["loses the answer", "a write whose answer is an error"],
      ["does it and never answers", "a write whose answer never comes"],
    ] as const
  ).map(([fault, title]): FaultCase => [
    `${title} is settled by one read, and made once`,
    async (world, endPatience) => {
      const { lossy, one, sure } = await setScene(world, endPatience);
      lossy.forget();
      lossy.breakNext("replace", fault);
      const { events } = await one.visit(increment(one));
      expect(commits(events)).toEqual(["write"]);
      expect(lossy.calls).toEqual(["get", "replace", "get"]);
      expect(await read(sure)).toEqual({ user: "alice", n: 2 });

      lossy.forget();
      lossy.breakNext("insert", fault);
      const two = world.browser(one.sessions);
      await two.visit((conn) => two.sessions.of(conn).put("n", 5));
      expect(lossy.calls).toEqual(["insert", "get"]);
      expect(await read(two)).toEqual({ n: 5 });

      lossy.forget();
      lossy.breakNext("delete", fault);
      const { setCookie } = await one.visit(WRITES.delete(one));
      expect(lossy.calls).toEqual(["get", "delete", "get"]);
      expect(setCookie).toMatch(/^sid=;/);
      expect(await world.table.get(handleOf(sure))).toBeUndefined();
    },
  ]),
  ...(
    [
      ["rejects", "a write that fails on its way"],
      ["never answers", "a write that gets lost on its way"],
    ] as const
  ).map(([fault, title]): FaultCase => [
    `${title} is found missing by one read, and made again`,
    async (world, endPatience) => {
      const { lossy, one, sure } = await setScene(world, endPatience);
      lossy.forget();
      lossy.breakNext("replace", fault);
      await one.visit(increment(one));
      expect(lossy.calls).toEqual(["get", "replace", "get", "replace"]);
      expect(await read(sure)).toEqual({ user: "alice", n: 2 });

      lossy.forget();
      lossy.breakNext("insert", fault);
      const two = world.browser(one.sessions);
      await two.visit((conn) => two.sessions.of(conn).put("n", 5));
      expect(lossy.calls).toEqual(["insert", "get", "insert"]);
      expect(await read(two)).toEqual({ n: 5 });

      lossy.forget();
      lossy.breakNext("delete", fault);
      await one.visit(WRITES.delete(one));
      expect(lossy.calls).toEqual(["get", "delete", "get", "delete"]);
      expect(await world.table.get(handleOf(sure))).toBeUndefined();
    },
  ]),
  ...(
    [
      ["rejects", "that may have been made"],
      ["loses the answer", "that was made"],
    ] as const
  ).map(([fault, title]): FaultCase => [
    `a write ${title}, and whose row another one has written since, is never replayed`,
    async (world, endPatience) => {
      const { lossy, one, sure } = await setScene(world, endPatience);
      lossy.forget();
      lossy.breakNext("replace", fault, () =>
        sure.visit((conn) => sure.sessions.of(conn).put("a", "another")),
      );
      const error = await rejected(one.visit(increment(one)));
      expect(error.code).toBe("ERR_SESSION_STORE");
      expect(lossy.calls).toEqual(["get", "replace", "get"]);
      const n = fault === "rejects" ? 1 : 2;
      expect(await read(sure)).toEqual({ user: "alice", n, a: "another" });
    },
  ]),
  ...(
    [
      ["the client sends again by itself", false],
      ["the store sends again because the first try was late", true],
    ] as const
  ).map(([title, isLate]): FaultCase => [
    `a write that ${title}, over another request's write, is made once`,
    async (world) => {
      let others: (() => Promise<unknown>) | undefined;
      let first: (() => Promise<unknown>) | undefined;
      const resending = verbsOf(world.table, {
        async replace(...args) {
          const send = async () => world.table.replace(...args);
          if (others && isLate && !first) {
            first = send;
            throw new Error("the answer did not come");
          }
          const meanwhile = others;
          others = undefined;
          if (meanwhile) {
            await (first ?? send)();
            await meanwhile();
          }
          return send();
        },
      });
      const one = world.browser(world.process(resending));
      await one.visit((conn) => one.sessions.of(conn).put("n", 1));
      const rival = world.elsewhere(one);
      others = () => rival.visit(increment(rival));
      const { events } = await one.visit(increment(one));
      expect(others).toBeUndefined();
      expect(commits(events)).toEqual(["write"]);
      expect(await read(rival)).toEqual({ n: 3 });
    },
  ]),
  [
    "a log-out whose answer was lost does not end what another request has written since",
    async (world, endPatience) => {
      const { lossy, one, sure } = await setScene(world, endPatience);
      lossy.breakNext("delete", "rejects", () =>
        sure.visit((conn) => sure.sessions.of(conn).put("a", "another")),
      );
      const error = await rejected(one.visit(WRITES.delete(one)));
      expect(error.code).toBe("ERR_SESSION_STORE");
      expect(await read(sure)).toEqual({ user: "alice", n: 1, a: "another" });
    },
  ],
];

export const FAULT_CASES: readonly StoreCase[] = CASES.map(([title, run]) => [
  title,
  (world) => withPatience((endPatience) => run(world, endPatience)),
]);
