import { describe, expect, it, vi } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionRow, SessionTable } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { cookieStore } from "../../src/stores/cookie/cookie-store.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable, verbsOf } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { clock } from "../support/clock.ts";
import { SECRET } from "../support/secrets.ts";

const time = clock();
const configure = (table: SessionTable): Sessions =>
  createSessions({ store: tableStore({ table }), key: "session", now: time.now });

const count = (sessions: Sessions, browser: Browser) =>
  browser.visit((conn) => sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1));
const read = async (sessions: Sessions, browser: Browser): Promise<unknown> =>
  (await browser.visit((conn) => sessions.getSession(conn, "n"))).result;

/** What the table holds of a browser's session. */
function textsOf(table: SessionTable, browser: Browser): readonly string[] {
  const cookie = browser.jar.value("session") ?? "";
  const handle = Buffer.from(cookie, "base64url").toString("base64url", 0, 16);
  const row = table.get(handle) as SessionRow | undefined;
  return row ? [row.value] : [];
}

describe("L5: a write whose answer is lost", () => {
  it("the write is never made again over what another request has written since", async () => {
    const memory = createTable();
    const others: { write?: () => Promise<unknown> } = {};
    const sessions = configure({
      ...verbsOf(new AsyncTable(memory)),
      async replace(...args) {
        const { write } = others;
        if (!write) return memory.replace(...args);
        delete others.write;
        await write();
        throw new Error("connection reset");
      },
    });
    const browser = new Browser(sessions, time.now);
    await count(sessions, browser);
    const theirs = configure(memory);
    others.write = async () => {
      const other = new Browser(theirs, time.now);
      other.jar.take([String(browser.jar.header)]);
      await other.visit((conn) => theirs.putSession(conn, "n", "theirs"));
    };
    const request = browser.visit((conn) => sessions.updateSession(conn, "n", () => "mine"));
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    expect(await read(sessions, browser)).toBe("theirs");
  });

  it("the write is not made twice if it arrives after the read that was to settle it", async () => {
    const memory = createTable();
    let late: (() => unknown) | undefined;
    const table = new AsyncTable({
      ...verbsOf(memory),
      replace(...args: Parameters<SessionTable["replace"]>) {
        if (late === undefined) {
          late = () => memory.replace(...args);
          throw new Error("connection reset");
        }
        late(); // The first call was under way all the time.
        return memory.replace(...args);
      },
    });
    const sessions = configure(table);
    const browser = new Browser(sessions, time.now);
    await count(sessions, browser);
    await count(sessions, browser);
    expect(await read(sessions, browser)).toBe(2);
  });
});

describe("L5: a write that the client or the store sends more than once", () => {
  type Replace = Parameters<SessionTable["replace"]>;

  /** Two processes over one table. `A` sends each write by `send`, which may do anything with it. */
  const scene = async (secret?: typeof SECRET) => {
    const memory = createTable();
    const send: {
      through?: ((call: () => ReturnType<SessionTable["replace"]>) => unknown) | undefined;
    } = {};
    const lossy = new AsyncTable({
      ...verbsOf(memory),
      replace(...args: Replace) {
        const { through } = send;
        if (!through) return memory.replace(...args);
        return through(() => memory.replace(...args)) as ReturnType<SessionTable["replace"]>;
      },
    });
    const over = (table: SessionTable): Sessions =>
      createSessions({
        store: tableStore(secret === undefined ? { table } : { table, secret }),
        key: "session",
        renewGrace: 10,
        now: time.now,
      });
    const [mine, theirs] = [over(lossy), over(new AsyncTable(memory))];
    const browser = new Browser(mine, time.now);
    await count(mine, browser);
    const other = new Browser(theirs, time.now);
    other.jar.take([String(browser.jar.header)]);
    return { memory, send, lossy, mine, theirs, browser, other };
  };
  /** The client has no answer, others write, and it sends the same write again by itself. */
  const again =
    (send: { through?: unknown }, meanwhile: () => Promise<unknown>) =>
    async (call: () => unknown): Promise<unknown> => {
      send.through = undefined;
      await call();
      await meanwhile();
      return call();
    };

  it.each([
    ["plain", undefined],
    ["sealed", SECRET],
  ] as const)(
    "a write that the client sends again over another request's write is made once in %s rows",
    async (_rows, secret) => {
      const { send, mine, theirs, browser, other } = await scene(secret);
      send.through = again(send, () => count(theirs, other));
      const { setCookie } = await count(mine, browser);
      expect(setCookie).toBeUndefined();
      expect(await read(theirs, other)).toBe(3);
    },
  );

  it("a write that the store sends again, and whose first try arrives before another request's write, is made once", async () => {
    const { send, mine, theirs, browser, other } = await scene();
    send.through = (first) => {
      send.through = async (second) => {
        send.through = undefined;
        await first(); // It was under way all the time.
        await count(theirs, other);
        return second();
      };
      throw new Error("connection reset");
    };
    await count(mine, browser);
    expect(await read(theirs, other)).toBe(3);
  });

  it("a second try that meets another request's write in its place is an ordinary conflict", async () => {
    const { send, mine, theirs, browser, other } = await scene();
    send.through = () => {
      send.through = async (second) => {
        send.through = undefined;
        await count(theirs, other);
        return second();
      };
      throw new Error("connection reset");
    };
    await count(mine, browser);
    expect(await read(theirs, other)).toBe(3);
  });

  it.each([
    [16, "a second apart", 1],
    [17, "a second apart", 1],
    [64, "at once", 0],
    [65, "at once", 0],
  ])(
    "a write under %i writes of others, %s, is done as long as the row names it, then of unknown outcome, and never made twice",
    async (others, _pace, seconds) => {
      const { send, mine, theirs, browser, other } = await scene();
      send.through = again(send, async () => {
        for (let i = 0; i < others; i++) {
          time.pass(seconds);
          await count(theirs, other);
        }
      });
      const request = count(mine, browser);
      if (others % 2 === 0) await request;
      else await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      expect(await read(theirs, other)).toBe(2 + others);
    },
  );

  it("a renewal that the client sends again is done once, and its cookie goes to the browser", async () => {
    const { send, mine, browser, other } = await scene();
    const before = String(browser.jar.header);
    send.through = async (call) => {
      send.through = undefined;
      await call();
      return call();
    };
    await browser.visit((conn) => mine.renewSession(conn));
    expect(String(browser.jar.header)).not.toBe(before);
    expect(await read(mine, browser)).toBe(1);
    // The token from before reads the same session, so that no second one was begun.
    expect(browser.jar.value("session")?.slice(0, 20)).toBe(
      other.jar.value("session")?.slice(0, 20),
    );
  });

  it("a write that was made sends no cookie if another request has renewed the session since", async () => {
    const { send, mine, theirs, browser, other } = await scene();
    send.through = again(send, () => other.visit((conn) => theirs.renewSession(conn)));
    // The attributes change, so that the request has a cookie to send.
    const { setCookie, events } = await browser.visit((conn) => {
      mine.updateSession(conn, "n", (n) => Number(n) + 1);
      mine.configureSession(conn, "sameSite", "strict");
    });
    expect(setCookie).toBeUndefined();
    expect(events.map(({ name }) => name)).not.toContain("stop");
    expect(await read(theirs, other)).toBe(2);
  });

  it("rows name nothing where the table answers at once", async () => {
    const memory = createTable();
    const sessions = configure(memory);
    const browser = new Browser(sessions, time.now);
    for (let i = 0; i < 3; i++) await count(sessions, browser);
    expect([...textsOf(memory, browser)].join()).not.toContain("replaced");
  });

  it("a row grows by 205 bytes at most, and a sealed one by a third more", async () => {
    for (const [secret, most] of [
      [undefined, 205],
      [SECRET, 274],
    ] as const) {
      const { memory, mine, browser } = await scene(secret);
      const length = (): number => String(textsOf(memory, browser)[0]).length;
      const before = length();
      for (let i = 0; i < 40; i++) {
        time.pass(1);
        await browser.visit((conn) => mine.putSession(conn, "n", i % 10));
      }
      expect(length() - before).toBeGreaterThan(100);
      expect(length() - before).toBeLessThanOrEqual(most);
    }
  });

  it("thirty requests at once, of a process whose table answers later, all count", async () => {
    const { mine, browser } = await scene();
    const requests = await Promise.all(Array.from({ length: 30 }, () => browser.begin()));
    for (const request of requests) {
      request.run((conn) => mine.updateSession(conn, "n", (n) => Number(n) + 1));
    }
    await Promise.all(requests.map((request) => browser.receive(request)));
    expect(await read(mine, browser)).toBe(31);
  });

  it("a conflict of a table whose client never sends again is an ordinary one, however often others wrote", async () => {
    const { lossy, mine, theirs, browser, other } = await scene();
    const write = async (): Promise<void> => {
      const slow = await browser.begin();
      slow.run((conn) => mine.updateSession(conn, "n", (n) => Number(n) + 1));
      for (let i = 0; i < 70; i++) await count(theirs, other);
      await browser.receive(slow);
    };
    // So that the row counts as just read, however long the writes of the others take.
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    try {
      await expect(write()).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
      Object.assign(lossy, { sendsOnce: true });
      await write();
    } finally {
      clock.mockRestore();
    }
    expect(await read(theirs, other)).toBe(142);
  });

  it("a handler that took more than 100 ms writes on the row as it is now, however often others wrote", async () => {
    const { mine, theirs, browser, other } = await scene();
    const slow = await browser.begin();
    slow.run((conn) => mine.updateSession(conn, "n", (n) => Number(n) + 1));
    for (let i = 0; i < 20; i++) await count(theirs, other);
    const real = performance.now.bind(performance);
    performance.now = () => real() + 101;
    try {
      await browser.receive(slow);
    } finally {
      performance.now = real;
    }
    expect(await read(theirs, other)).toBe(22);
  });
});

describe("L6: an insert whose answer is lost", () => {
  /** A table whose first insert of a session loses its answer, and is carried out when the test says so. */
  const losing = () => {
    const memory = createTable();
    const late: (() => unknown)[] = [];
    const handles: string[] = [];
    const table = new AsyncTable({
      ...verbsOf(memory),
      insert(...args: Parameters<SessionTable["insert"]>) {
        if (args[0].length > 22) return memory.insert(...args);
        handles.push(args[0]);
        if (handles.length > 1) return memory.insert(...args);
        late.push(() => memory.insert(...args));
        throw new Error("connection reset");
      },
    });
    return { memory, table, handles, arrive: () => late.map((call) => call()) };
  };

  it("the insert is not sent again: the session gets a fresh handle, and the late row opens for nobody", async () => {
    const { memory, table, handles, arrive } = losing();
    const sessions = configure(table);
    const browser = new Browser(sessions, time.now);
    await count(sessions, browser);
    const cookie = String(browser.jar.header);
    expect(new Set(handles).size).toBe(2);
    expect(arrive()).toEqual([true]);
    expect(memory.get(handles[0] ?? "")).toBeDefined();
    expect(await read(sessions, browser)).toBe(1);
    await browser.visit((conn) => sessions.dropSession(conn));
    browser.jar.take([cookie]);
    expect(await read(sessions, browser)).toBeUndefined();
  });

  it("a log-in leaves one entry in the list, and one that fails leaves none", async () => {
    const { table, arrive } = losing();
    const options = { key: "session", subject: "user", now: time.now };
    const sessions = createSessions({ store: tableStore({ table }), ...options });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    arrive();
    expect(await sessions.list("ann")).toHaveLength(1);

    // The read that was to settle it fails as well.
    const cut = losing();
    const failing = new AsyncTable({
      ...verbsOf(cut.table),
      get: (key) => {
        if (cut.handles.length === 1 && key === cut.handles[0]) throw new Error("connection reset");
        return cut.table.get(key);
      },
    });
    const broken = createSessions({ store: tableStore({ table: failing }), ...options });
    const other = new Browser(broken, time.now);
    const request = other.visit((conn) => broken.putSession(conn, "user", "bob"));
    await expect(request).rejects.toMatchObject({ code: "ERR_SESSION_STORE" });
    cut.arrive();
    const inspecting = createSessions({ store: tableStore({ table: cut.memory }), ...options });
    expect(await inspecting.list("bob")).toEqual([]);
  });
});

describe("L8: the renewal of a sealed cookie whose table loses an answer", () => {
  it("a renewal whose first insert arrives late is done, and is not taken for another request's", async () => {
    const memory = createTable();
    let late: (() => unknown) | undefined;
    const table = new AsyncTable({
      ...verbsOf(memory),
      insert(...args: Parameters<SessionTable["insert"]>) {
        if (!late) {
          late = () => memory.insert(...args);
          throw new Error("connection reset");
        }
        late(); // It was under way all the time.
        return memory.insert(...args);
      },
    });
    const sessions = createSessions<{ user?: string; sudo?: boolean }>({
      store: cookieStore({ secret: SECRET, revocations: table }),
      key: "session",
      subject: "user",
      now: time.now,
    });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", "ann"));
    await browser.visit((conn) => sessions.of(conn).renew().put("sudo", true));
    expect(late).toBeDefined();
    const { result } = await browser.visit((conn) => sessions.getSession(conn));
    expect(result).toEqual({ user: "ann", sudo: true });
  });
});
