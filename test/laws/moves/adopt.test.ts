import { createHmac } from "node:crypto";
import { MemoryStore } from "express-session";
import type { SessionData as OldData } from "express-session";
import { describe, expect, it } from "vitest";
import type { Awaitable } from "../../../src/core/awaitable.ts";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionTable } from "../../../src/core/store.ts";
import type { Conn, Sessions } from "../../../src/core/types.ts";
import { expressSession } from "../../../src/readers/express-session.ts";
import type { ConnectStore } from "../../../src/readers/connect-store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { DAY, clock } from "../../support/clock.ts";
import { confide } from "../../support/leaks.ts";
import { OLD_SECRET, SECRET } from "../../support/secrets.ts";
import { verbsOf } from "../../support/tables/async-table.ts";
import { visit } from "../../support/visit.ts";

/** What happens at each call of a table or of the old store, beside the call. */
type Around = <T>(call: () => Awaitable<T>) => Promise<T>;

/** One old session, and processes that adopt it. */
class World {
  readonly time = clock();
  readonly old = new MemoryStore();
  readonly table: SessionTable = createTable();
  readonly cookie: string;
  /** Of a sealed cookie no store knows anything: it opens as long as the reader says so. */
  readonly #isSealed: boolean;
  /** Without it no list of a user knows the session, and only the mark says that it was there. */
  readonly #subject: "user" | undefined;

  constructor(isSealed = true, subject?: { readonly hasSubject: boolean }) {
    this.#isSealed = isSealed;
    this.#subject = subject?.hasSubject === false ? undefined : "user";
    const id = "an-old-session";
    const signature = createHmac("sha256", OLD_SECRET)
      .update(id)
      .digest("base64")
      .replace(/=+$/, "");
    this.cookie = `connect.sid=${confide(encodeURIComponent(`s:${id}.${signature}`))}`;
    this.old.set(id, { cookie: {}, user: "alice" } as unknown as OldData);
  }

  process(around: Around = async (call) => call(), untilDays = 60): Sessions<Data> {
    const { table, old } = this;
    const store: ConnectStore = {
      get: (id, done) =>
        void around(
          async () =>
            new Promise((resolve) => {
              old.get(id, (_, session) => {
                resolve(session);
              });
            }),
        ).then((session) => done(null, session), done),
      destroy: (id, done) =>
        void around(async () => {
          if (!this.#isSealed) old.destroy(id);
        }).then(() => done?.(), done),
    };
    return createSessions<Data>({
      key: "__Host-session",
      subject: this.#subject,
      now: this.time.now,
      store: tableStore({
        table: verbsOf(table, {
          get: (key) => around(() => table.get(key)),
          insert: (...args) => around(() => table.insert(...args)),
          replace: (...args) => around(() => table.replace(...args)),
          delete: (...args) => around(() => table.delete(...args)),
        }),
      }),
      adopt: {
        secret: SECRET,
        until: new Date(this.time.now() + untilDays * DAY * 1000),
        from: [expressSession({ secret: OLD_SECRET, store })],
      },
    });
  }
}

interface Data {
  user: string;
  n: number;
  m: number;
}

/** Who is signed in, and our cookie if one is sent. */
async function me(
  sessions: Sessions<Data>,
  cookie: string,
  handler: (conn: Conn) => unknown = () => undefined,
): Promise<{ readonly user: string | undefined; readonly ours: string | undefined }> {
  const answer = await visit(sessions, cookie, (conn) => {
    handler(conn);
    return sessions.getSession(conn, "user");
  });
  const ours = answer.headers.getSetCookie().find((each) => each.startsWith("__Host-session="));
  return { user: answer.result, ours: ours?.split(";")[0] };
}

const out = (sessions: Sessions<Data>) => (conn: Conn) => {
  sessions.dropSession(conn);
};

/** Calls of a process, of which one is stopped until somebody lets it go on. */
class Stopped {
  calls = 0;
  readonly #at: number;
  #reached: (() => void) | undefined;
  #goOn: (() => void) | undefined;
  readonly reached: Promise<void>;
  readonly #going: Promise<void>;

  constructor(at: number) {
    this.#at = at;
    this.reached = new Promise((resolve) => {
      this.#reached = resolve;
    });
    this.#going = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  readonly around: Around = async (call) => {
    if (this.calls++ === this.#at) {
      this.#reached?.();
      await this.#going;
    }
    return call();
  };

  goOn(): void {
    this.#goOn?.();
  }
}

/** Runs a request that stops before its call of each number, and does something else meanwhile. */
async function atEachCall(
  run: (at: number, slow: Stopped) => Promise<{ readonly isOver: boolean }>,
): Promise<number> {
  for (let at = 0; ; at++) {
    const { isOver } = await run(at, new Stopped(at));
    if (isOver) return at;
  }
}

const KINDS = [
  ["whose cookie is sealed", true],
  ["that stands in a store", false],
] as const;

describe.each(KINDS)("L6: an old session %s", (_, isSealed) => {
  it("an old session becomes one row, wherever a second request comes in between", async () => {
    const calls = await atEachCall(async (at, slow) => {
      const world = new World(isSealed);
      const [first, second] = [world.process(slow.around), world.process()];
      const one = me(first, world.cookie, (conn) => first.putSession(conn, "n", 1));
      await Promise.race([slow.reached, one]);
      const isOver = slow.calls <= at;
      const two = await me(second, world.cookie, (conn) => second.putSession(conn, "m", 2));
      slow.goOn();
      const { user, ours } = await one;
      expect([at, user, two.user]).toEqual([at, "alice", "alice"]);
      expect(two.ours).toBe(ours);
      const { result } = await visit(second, ours ?? "", (conn) => second.getSession(conn));
      expect(result).toEqual({ user: "alice", n: 1, m: 2 });
      expect(await second.list("alice")).toHaveLength(1);
      return { isOver };
    });
    expect(calls).toBeGreaterThan(8);
  });

  it("L7: after a log-out the old cookie and ours open nothing, wherever another request has stopped", async () => {
    await atEachCall(async (at, slow) => {
      const world = new World(isSealed);
      const [first, second] = [world.process(slow.around), world.process()];
      const one = me(first, world.cookie);
      await Promise.race([slow.reached, one]);
      const isOver = slow.calls <= at;
      const { ours = "" } = await me(second, world.cookie);
      await me(second, ours, out(second));
      slow.goOn();
      const late = await one;
      for (const cookie of [world.cookie, ours, late.ours ?? "", world.cookie]) {
        expect([at, (await me(second, cookie)).user]).toEqual([at, undefined]);
      }
      expect(await second.list("alice")).toEqual([]);
      return { isOver };
    });
  });

  it("L7: a revocation ends the session, wherever a request that adopts it has stopped", async () => {
    await atEachCall(async (at, slow) => {
      const world = new World(isSealed);
      const [first, second] = [world.process(slow.around), world.process()];
      const one = me(first, world.cookie);
      await Promise.race([slow.reached, one]);
      const isOver = slow.calls <= at;
      await second.revoke("alice");
      slow.goOn();
      const { ours = "" } = await one;
      world.time.pass(600); // Whatever came through is met by the next touch.
      await me(second, ours);
      expect([at, (await me(second, world.cookie)).user]).toEqual([at, undefined]);
      expect([at, (await me(second, ours)).user]).toEqual([at, undefined]);
      return { isOver };
    });
  });

  it("an insert that arrives late makes no session again, whenever it does", async () => {
    for (const wait of ["before the log-out", "after the log-out"]) {
      const world = new World(isSealed);
      let late: (() => Awaitable<unknown>) | undefined;
      const losing = createSessionsWithLateInsert(world, (insert) => {
        late ??= insert;
      });
      await expect(me(losing, world.cookie)).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      const sessions = world.process();
      const { user, ours = "" } = await me(sessions, world.cookie);
      expect(user).toBe("alice");
      if (wait === "before the log-out") await late?.();
      await me(sessions, ours, out(sessions));
      if (wait === "after the log-out") await late?.();
      for (const cookie of [world.cookie, ours, world.cookie]) {
        expect([wait, (await me(sessions, cookie)).user]).toEqual([wait, undefined]);
      }
    }
  });

  it("L7: a late insert between two calls of a slow request makes no session again", async () => {
    await atEachCall(async (at, slow) => {
      const world = new World(isSealed, { hasSubject: false });
      let late: (() => Awaitable<unknown>) | undefined;
      const losing = createSessionsWithLateInsert(world, (insert) => {
        late ??= insert;
      });
      await expect(me(losing, world.cookie)).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      const [first, second] = [world.process(slow.around), world.process()];
      const one = me(first, world.cookie);
      await Promise.race([slow.reached, one]);
      const isOver = slow.calls <= at;
      const { ours = "" } = await me(second, world.cookie);
      await me(second, ours, out(second));
      await late?.();
      slow.goOn();
      await one;
      for (const cookie of [world.cookie, ours]) {
        expect([at, (await me(second, cookie)).user]).toEqual([at, undefined]);
      }
      return { isOver };
    });
  });

  it.each(["before it is made", "after it was made"])(
    "L2: a call that fails %s fails the request, and the next one is signed in",
    async (when) => {
      await atEachCall(async (at) => {
        const world = new World(isSealed);
        let calls = 0;
        const failing = world.process(async (call) => {
          if (calls++ !== at) return call();
          if (when === "after it was made") await call();
          throw new Error("the connection was lost");
        });
        const first = await me(failing, world.cookie).catch((error: unknown) => error);
        const isOver = calls <= at;
        // A lost answer may have been settled; else the error is that of the store, and never an empty session.
        if (first instanceof Error)
          expect([at, first]).toMatchObject([at, { code: "ERR_SESSION_STORE" }]);
        else expect([at, first]).toMatchObject([at, { user: "alice" }]);
        const sessions = world.process();
        const { user, ours = "" } = await me(sessions, world.cookie);
        expect([at, user]).toEqual([at, "alice"]);
        await me(sessions, ours, out(sessions));
        expect([at, (await me(sessions, world.cookie)).user]).toEqual([at, undefined]);
        return { isOver };
      });
    },
  );
});

/** A process whose insert of the session's row is lost; `told` gets it, to make it later. */
function createSessionsWithLateInsert(
  world: World,
  told: (insert: () => Awaitable<unknown>) => void,
): Sessions<Data> {
  const { table } = world;
  const lossy: SessionTable = verbsOf(table, {
    async insert(...args) {
      if (args[0].length !== HANDLE) return table.insert(...args);
      told(() => table.insert(...args));
      throw new Error("the answer was lost");
    },
  });
  return createSessions<Data>({
    key: "__Host-session",
    subject: "user",
    now: world.time.now,
    store: tableStore({ table: lossy }),
    adopt: {
      secret: SECRET,
      until: new Date(world.time.now() + 60 * DAY * 1000),
      from: [expressSession({ secret: OLD_SECRET, store: world.old })],
    },
  });
}

/** The length of a handle, which is the key of a session's row. */
const HANDLE = 22;

describe("L7: the mark of an adopted session", () => {
  it("an old cookie opens nothing until the end of adoption, however the session has ended", async () => {
    const world = new World();
    const sessions = world.process();
    const { user } = await me(sessions, world.cookie);
    expect(user).toBe("alice");
    world.time.pass(31 * DAY); // The absolute timeout.
    await world.table.sweep?.(world.time.now());
    expect((await me(sessions, world.cookie)).user).toBe(undefined);
  });

  it("a revocation is kept for old cookies until the end of adoption", async () => {
    const world = new World();
    const sessions = world.process();
    await sessions.revoke("alice");
    world.time.pass(31 * DAY); // Longer than a session of ours lives.
    await world.table.sweep?.(world.time.now());
    expect((await me(sessions, world.cookie)).user).toBe(undefined);
  });

  it("a revocation of all sessions is kept for old cookies as long", async () => {
    const world = new World();
    await world.process().revokeBefore(new Date(world.time.now()));
    world.time.pass(31 * DAY);
    await world.table.sweep?.(world.time.now());
    expect((await me(world.process(), world.cookie)).user).toBe(undefined);
  });

  it("after the end of adoption old cookies open nothing", async () => {
    const world = new World();
    const sessions = world.process();
    world.time.pass(61 * DAY);
    expect((await me(sessions, world.cookie)).user).toBe(undefined);
  });
});

describe("L13: an old session of nobody", () => {
  it("an old session without data makes no row and no cookie", async () => {
    const world = new World();
    world.old.set("an-old-session", { cookie: {} } as unknown as OldData);
    const { user, ours } = await me(world.process(), world.cookie);
    expect([user, ours]).toEqual([undefined, undefined]);
    expect(await world.table.sweep?.(Number.MAX_SAFE_INTEGER)).toBe(0);
  });
});
