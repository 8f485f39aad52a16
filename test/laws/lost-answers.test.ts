import { describe, expect, it } from "vitest";
import { createSessions } from "../../src/core/sessions.ts";
import type { SessionTable } from "../../src/core/store.ts";
import type { Sessions } from "../../src/core/types.ts";
import { createTable } from "../../src/tables/named-tables.ts";
import { tableStore } from "../../src/stores/table/table-store.ts";
import { AsyncTable, verbsOf } from "../support/tables/async-table.ts";
import { Browser } from "../support/browser.ts";
import { clock } from "../support/clock.ts";

const time = clock();
const configure = (table: SessionTable): Sessions =>
  createSessions({ store: tableStore({ table }), key: "session", now: time.now });

const count = (sessions: Sessions, browser: Browser): Promise<unknown> =>
  browser.visit((conn) => sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1));
const read = async (sessions: Sessions, browser: Browser): Promise<unknown> =>
  (await browser.visit((conn) => sessions.getSession(conn, "n"))).result;

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
