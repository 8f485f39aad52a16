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

describe("L5: an insert whose answer is lost", () => {
  it("the insert leaves one row if it arrives after the read that was to settle it", async () => {
    const memory = createTable();
    const keys = new Set<string>();
    let late: (() => unknown) | undefined;
    const table = new AsyncTable({
      ...verbsOf(memory),
      insert(...args: Parameters<SessionTable["insert"]>) {
        keys.add(args[0]);
        if (late === undefined) {
          late = () => memory.insert(...args);
          throw new Error("connection reset");
        }
        late();
        return memory.insert(...args);
      },
    });
    const sessions = configure(table);
    const browser = new Browser(sessions, time.now);
    await count(sessions, browser);
    expect(keys.size).toBe(1);
    expect(await read(sessions, browser)).toBe(1);
  });
});
