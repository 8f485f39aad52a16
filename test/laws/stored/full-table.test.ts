import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/core/sessions.ts";
import type { Sessions } from "../../../src/core/types.ts";
import { tableStore } from "../../../src/stores/table/table-store.ts";
import { createTable } from "../../../src/tables/named-tables.ts";
import { Browser } from "../../support/browser.ts";
import { clock } from "../../support/clock.ts";
import { commits, stops } from "../../support/events.ts";
import { AsyncTable } from "../../support/tables/async-table.ts";
import { visit } from "../../support/visit.ts";

const MAX_ROWS = 60;
const time = clock();

describe.each([
  ["a table that answers at once", () => createTable(undefined, { maxRows: MAX_ROWS })],
  [
    "a table that answers later",
    () => new AsyncTable(createTable(undefined, { maxRows: MAX_ROWS })),
  ],
])("L13: a full memory table, %s", (_, make) => {
  const setUp = (subject?: "user"): Sessions<{ user: string; n: number }> => {
    const store = tableStore({ table: make() });
    return createSessions<{ user: string; n: number }>({
      store,
      key: "session",
      subject,
      now: time.now,
    });
  };

  const count = (sessions: Sessions<{ user: string; n: number }>) => (conn: object) =>
    sessions.updateSession(conn as never, "n", (n = 0) => n + 1);

  async function signIn(
    sessions: Sessions<{ user: string; n: number }>,
    user: string,
  ): Promise<Browser> {
    const browser = new Browser(sessions, time.now);
    await browser.visit((conn) => sessions.putSession(conn, "user", user));
    return browser;
  }

  it("visitors who are not signed in end the session of no user, however many they are", async () => {
    const sessions = setUp("user");
    const users = [];
    for (let n = 0; n < 20; n++) users.push(await signIn(sessions, `user ${n}`));
    for (let n = 0; n < 5 * MAX_ROWS; n++) await visit(sessions, undefined, count(sessions));
    for (const [n, browser] of users.entries()) {
      const { result } = await browser.visit((conn) => sessions.getSession(conn, "user"));
      expect(result).toBe(`user ${n}`);
      expect(await sessions.list(`user ${n}`)).toHaveLength(1);
    }
  });

  it("a visitor whom it has no room for gets his page without a session, and an event says so", async () => {
    const sessions = setUp("user");
    for (let n = 0; n < MAX_ROWS / 2; n++) await signIn(sessions, `user ${n}`);
    const answer = await visit(sessions, undefined, count(sessions));
    expect([answer.setCookie, stops(answer.events), commits(answer.events)]).toEqual([
      undefined,
      ["full"],
      [],
    ]);
  });

  it("a user who signs in always gets a session", async () => {
    const sessions = setUp("user");
    for (let n = 0; n < 2 * MAX_ROWS; n++) {
      const browser = await signIn(sessions, `user ${n}`);
      const { result } = await browser.visit((conn) => sessions.getSession(conn, "user"));
      expect(result).toBe(`user ${n}`);
    }
  });

  it("a session that is only read stays, and the one that nobody uses goes", async () => {
    const sessions = setUp();
    const reader = new Browser(sessions, time.now);
    const idle = new Browser(sessions, time.now);
    await reader.visit(count(sessions));
    await idle.visit(count(sessions));
    for (let n = 0; n < 2 * MAX_ROWS; n++) {
      await visit(sessions, undefined, count(sessions));
      await reader.visit((conn) => sessions.getSession(conn, "n"));
    }
    const read = (browser: Browser): Promise<unknown> =>
      browser.visit((conn) => sessions.getSession(conn, "n")).then(({ result }) => result);
    expect([await read(reader), await read(idle)]).toEqual([1, undefined]);
  });
});
