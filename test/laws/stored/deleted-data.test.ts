import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { SessionRow, SessionTable } from "../../../src/core/store.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { Browser } from "../../support/browser.ts";
import { clock, HOUR } from "../../support/clock.ts";
import type { Clock } from "../../support/clock.ts";
import { refusals } from "../../support/events.ts";
import { TABLES } from "../../support/stores.ts";
import { visit } from "../../support/visit.ts";

const CARD = "4111-1111-1111-1111";
const GRACE = 10;

describe.each(TABLES)("L18: data that was deleted, in %s", (_, make) => {
  interface Scene {
    readonly time: Clock;
    readonly table: SessionTable;
    readonly browser: Browser;
    /** The Cookie header before the renewal. */
    readonly old: string | undefined;
    readonly row: () => Promise<SessionRow | undefined>;
    readonly write: () => Promise<unknown>;
    readonly read: () => Promise<unknown>;
  }

  /** A session that had a card when it was renewed, and has deleted it since. */
  async function begin(renewEvery?: number): Promise<Scene> {
    const time = clock();
    const table = make();
    const sessions = createSessions({
      store: tableStore({ table }),
      key: "session",
      now: time.now,
      renewGrace: GRACE,
      lifetime: { renewEvery },
    });
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "card", CARD));
    const old = browser.jar.header;
    await browser.visit((conn) => sessions.renewSession(conn));
    const { result } = await browser.visit((conn) => {
      sessions.deleteSession(conn, "card");
      return sessions.of(conn).handle;
    });
    return {
      time,
      table,
      browser,
      old,
      row: async () => table.get(result ?? ""),
      write: () =>
        browser.visit((conn) => sessions.updateSession(conn, "n", (n) => Number(n ?? 0) + 1)),
      read: () => browser.visit((conn) => sessions.getSession(conn)),
    };
  }

  it("it stays for the grace, because the old token reads it", async () => {
    const { time, browser, old, row, write } = await begin();
    time.pass(GRACE - 0.001);
    await write();
    expect((await row())?.value).toContain(CARD);
    const { result } = await visit(browser.sessions, old, (conn) =>
      browser.sessions.getSession(conn),
    );
    expect(result).toEqual({ card: CARD });
  });

  it("it leaves the row with the first write after the grace", async () => {
    const { time, row, write } = await begin();
    time.pass(GRACE);
    expect((await row())?.value).toContain(CARD);
    await write();
    expect((await row())?.value).not.toContain(CARD);
  });

  it("it leaves the row with a touch that writes the row for another reason", async () => {
    const { time, row, read } = await begin(HOUR);
    time.pass(HOUR);
    await read(); // It issues the next token of renewEvery.
    expect((await row())?.value).not.toContain(CARD);
  });

  it("the token that was renewed away is still known as such, and not as a forged one", async () => {
    const { time, browser, old, write } = await begin();
    time.pass(GRACE);
    await write();
    const { events } = await visit(browser.sessions, old, (conn) =>
      browser.sessions.getSession(conn),
    );
    expect(refusals(events)).toEqual(["retired"]);
  });
});
